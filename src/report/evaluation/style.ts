import { palette } from "../html/palette.ts";

/** One column, system fonts, light and dark by the reader's setting, paper when printed. */
export const style = `
${palette}
:root{--a:#0b57d0;--b:#a8200d;--c:#005f46;--d:#7b3fa0;--e:#6b4e00;--f:#52575c}
@media (prefers-color-scheme:dark){:root{--a:#a8c7fa;--b:#ffb4a3;--c:#7fdcb8;--d:#d9b3f0;--e:#f0c869;--f:#a9afb5}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:70rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1,h2,h3,p,ul,dl,dd,figure{margin:0}h1{font-size:1.5rem;overflow-wrap:anywhere;line-height:1.3}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}
header{margin-bottom:1rem}.soft,figcaption{color:var(--soft);font-size:.875rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem;margin-top:1rem;padding:0;list-style:none}
.cards li{display:flex;flex-direction:column;padding:.75rem 1rem;border-radius:.75rem;background:var(--card);break-inside:avoid;overflow-wrap:anywhere}
.cards strong{font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}.cards span+strong+span,.cards span:last-of-type,.cards em{color:var(--soft);font-size:.875rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem;margin-top:.75rem}
figure{break-inside:avoid}svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--text)}svg .tick{fill:var(--soft)}
.bars svg{max-width:36rem;font-size:12px}.wide{min-width:42rem}
.frame{fill:var(--card);stroke:var(--line)}.rule{stroke:var(--line);fill:none}.coin{stroke:var(--soft);stroke-dasharray:4 4;fill:none}
.curve{fill:none;stroke:var(--a);stroke-width:2}.dot{fill:var(--a)}.bar{fill:var(--a)}.bar.unseen{fill:var(--d)}.whisker{stroke:var(--text);stroke-width:1.5;fill:none}
.series{fill:none;stroke-width:2}.point{stroke:var(--bg);stroke-width:1}
${["a", "b", "c", "d", "e", "f"].map((name) => `.${name}{--series:var(--${name})}`).join("")}
.series{stroke:var(--series)}.point,.swatch{fill:var(--series)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.5rem 0 0;padding:0;list-style:none;font-size:.875rem}.legend li{display:flex;align-items:center;gap:.4rem}.legend svg{width:2rem;height:.75rem;flex:none}
.scroll{overflow-x:auto;margin-top:.5rem}table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;min-width:5rem}th[scope=row]{font-weight:400}thead th{color:var(--soft)}
.facts div{display:grid;grid-template-columns:11rem 1fr;gap:.5rem;padding:.3rem 0;border-bottom:1px solid var(--line)}.facts dt{color:var(--soft)}.facts dd{overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (max-width:30rem){.facts div{grid-template-columns:1fr;gap:0}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--a:#0b57d0;--b:#a8200d;--c:#005f46;--d:#7b3fa0;--e:#6b4e00;--f:#52575c}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{max-width:none;padding:0;font-size:10pt}.scroll{overflow:visible}.wide{min-width:0}table{font-size:7pt}th,td{min-width:0;padding:.15rem .3rem;overflow-wrap:anywhere}
h2{break-after:avoid}tr{break-inside:avoid}}
@page{margin:12mm}
`;
