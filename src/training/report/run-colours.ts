/** Colours of a run report and its charts. */
export interface RunColours {
  readonly ground: string;
  readonly card: string;
  readonly text: string;
  readonly soft: string;
  readonly line: string;
  readonly link: string;
  readonly warning: string;
  /** Colours of curves, in drawing order. */
  readonly curves: readonly string[];
}

/** Contrast to the background: text at least 4.5, curves at least 3 (WCAG 2.2, 1.4.3 and 1.4.11). */
export const runColours: Readonly<Record<"light" | "dark", RunColours>> = {
  light: {
    ground: "#fff",
    card: "#f5f6f7",
    text: "#1a1c1e",
    soft: "#52575c",
    line: "#d5d9dd",
    link: "#0b57d0",
    warning: "#fcf1d6",
    // Safe for colour-blind readers (Okabe & Ito 2008); the last three are darkened for a white background.
    curves: ["#0072b2", "#d55e00", "#009e73", "#b8608f", "#9c6b00", "#52575c"],
  },
  dark: {
    ground: "#121416",
    card: "#1d2023",
    text: "#e6e8ea",
    soft: "#a9afb5",
    line: "#3a3f44",
    link: "#a8c7fa",
    warning: "#352a0c",
    curves: ["#56b4e9", "#f07f2e", "#2fc596", "#d98fb8", "#e6c84f", "#a9afb5"],
  },
};
