import { extname } from "node:path";

const video = /^\.(mp4|m4v|mov|qt|mkv|webm|avi|wmv|asf|flv|ogv|mts|m2ts|ts|mpe?g|mxf|3gp)$/i;
const image = /^\.(jpe?g|png|webp|avif|gif|tiff?|hei[cf]|bmp)$/i;

/** Whether a path is called like a video. What a file is, its content tells. */
export const isVideoPath = (path: string): boolean => video.test(extname(path));

/** Whether a path is called like a picture. */
export const isImagePath = (path: string): boolean => image.test(extname(path));
