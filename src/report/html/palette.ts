/** The colours of everything that people look at, light and dark; text on its ground has a contrast of 4.5 or more. */
export const palette = `
:root{color-scheme:light dark;--bg:#fff;--card:#f5f6f7;--text:#1a1c1e;--soft:#52575c;--line:#d5d9dd;
--forged:#a8200d;--authentic:#2b5876;--inconclusive:#6b4e00;--forged-bg:#fdeae6;--authentic-bg:#e6eff5;--inconclusive-bg:#fcf1d6;--focus:#0b57d0}
@media (prefers-color-scheme:dark){:root{--bg:#121416;--card:#1d2023;--text:#e6e8ea;--soft:#a9afb5;--line:#3a3f44;
--forged:#ffb4a3;--authentic:#a9cfe8;--inconclusive:#f0c869;--forged-bg:#3d1710;--authentic-bg:#14293a;--inconclusive-bg:#352a0c;--focus:#a8c7fa}}
`;
