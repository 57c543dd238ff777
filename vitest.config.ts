import { defineConfig } from "vitest/config";

/** What starts servers, browsers, child processes or trainings. */
const slow = [
  "test/{audit,cli,evaluation,examples,package,scripts,web}/**/*.test.ts",
  "test/training/{detector,forgers,gan}/**/*.test.ts",
  "test/{detection,media,report}/**/{parts,frames,lifetime,old-ffmpeg,overlay,page,stability,what-files-hold}.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers only fight over them, since ffmpeg and the engine run beside each test.
    maxWorkers: 2,
    projects: [
      // Unit tests of one worker share its modules: importing TensorFlow.js for each file took a third of their time.
      {
        extends: true,
        test: { name: "unit", include: ["test/**/*.test.ts"], exclude: slow, isolate: false },
      },
      { extends: true, test: { name: "slow", include: slow } },
    ],
  },
});
