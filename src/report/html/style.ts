import { palette } from "./palette.ts";

/** The page's style: one column, system fonts, light and dark by the reader's setting, paper when printed. */
export const style = `
${palette}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:60rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
h1,h2,h3,h4,p,ol,ul,dl,dd,figure{margin:0}
h1{font-size:.875rem;font-weight:400;color:var(--soft)}h2{font-size:1.35rem;overflow-wrap:anywhere;line-height:1.3}h3{font-size:1.1rem;margin:2rem 0 .5rem}h4{font-size:1rem}
p+p,ul+p,p+ul{margin-top:.5rem}
main>article+article{margin-top:3rem;padding-top:2rem;border-top:2px solid var(--line)}.files-table+article{margin-top:2rem}
.key,.caption,.axis,.time,figcaption,.scale-ends{color:var(--soft);font-size:.875rem}
.forged{--side:var(--forged);--tint:var(--forged-bg)}.authentic{--side:var(--authentic);--tint:var(--authentic-bg)}
.inconclusive{--side:var(--inconclusive);--tint:var(--inconclusive-bg)}.failed{--side:var(--soft);--tint:var(--card)}
strong.forged,strong.authentic,strong.inconclusive,strong.failed,.key .forged,.key .authentic{color:var(--side)}
.verdict{display:flex;gap:1rem;margin-top:1rem;padding:1rem;border-radius:.75rem;background:var(--tint);border-left:.4rem solid var(--side)}
.verdict>div{flex:1;min-width:0}.icon{flex:none;width:2.75rem;height:2.75rem;fill:var(--side)}
.icon .cut{fill:none;stroke:var(--tint);stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.word{font-size:1.5rem;font-weight:700;color:var(--side);line-height:1.2}
.sentence{font-size:1.15rem}
.scale{position:relative;height:.75rem;margin-top:.75rem;border-radius:.4rem;background:var(--bg);border:1px solid var(--side);overflow:hidden}
.zone{position:absolute;top:0;bottom:0;left:0;background:var(--side);opacity:.3}
.mark{position:absolute;top:-2px;bottom:-2px;width:4px;margin-left:-2px;background:var(--text);outline:1px solid var(--bg)}
.scale-ends{display:flex;justify-content:space-between;color:inherit}
.track{margin-top:.75rem}.chart{position:relative;height:5rem;border:1px solid var(--line);border-radius:.25rem;background:var(--card);overflow:hidden}
.chart svg{display:block;width:100%;height:100%}.band{fill:var(--tint)}
.line{fill:none;stroke:var(--soft);stroke-width:1.5;vector-effect:non-scaling-stroke;opacity:.6}
.dots{fill:none;stroke:var(--side);stroke-width:7;stroke-linecap:round;vector-effect:non-scaling-stroke}
.cursor{position:absolute;top:0;bottom:0;width:2px;margin-left:-1px;background:var(--focus);pointer-events:none}
.axis{display:flex;justify-content:space-between}
.scrubber{margin-top:1rem}.stage{max-width:30rem}.scrubber label{display:block;margin-top:.5rem}.scrubber input{width:100%;accent-color:var(--focus);height:1.75rem}
.strip{display:flex;gap:.5rem;margin-top:1rem;padding:0 0 .5rem;overflow-x:auto;list-style:none}
.strip li{flex:none;width:7rem}.strip.single li{width:min(100%,30rem)}.strip li[aria-current]{outline:3px solid var(--focus);outline-offset:-1px;border-radius:.25rem}
.shot{display:block;position:relative;overflow:hidden;border-radius:.25rem;background:var(--card)}.shot img{display:block;width:100%;height:100%}
.box{position:absolute;border:2px solid #fff;outline:1px solid #000}.box span{display:none}
.stage .box span,.single .box span{display:block;position:absolute;left:-2px;bottom:100%;padding:0 .3rem;background:#000;color:#fff;font-size:.75rem;white-space:nowrap}
.time{display:block;text-align:center;font-size:.75rem}
.faces{display:grid;gap:1rem;margin-top:.75rem}.face{padding:1rem;border-radius:.75rem;background:var(--card);break-inside:avoid}
.pictures{display:flex;flex-wrap:wrap;gap:1rem;margin-top:.75rem}.pair{display:flex;gap:.25rem}.pair img{width:9.5rem;max-width:calc(50% - .125rem);aspect-ratio:1;border-radius:.25rem}
figure{max-width:100%}
.swatch{display:inline-block;width:.8em;height:.8em;border-radius:.15em}.heat-forged{background:#d55e00}
.trials{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.5rem;margin-top:.5rem;padding:0;list-style:none}
.trials li{display:flex;flex-direction:column;padding:.6rem .75rem;border-radius:.5rem;background:var(--tint);border-top:.25rem solid var(--side)}.trials strong{color:var(--side)}
.warning{padding:.5rem .75rem;background:var(--inconclusive-bg);border-radius:.5rem;overflow-wrap:anywhere}
h4+.facts{margin-top:.25rem}.facts+h4{margin-top:1rem}.facts div{display:grid;grid-template-columns:9rem 1fr;gap:.5rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.facts dt{color:var(--soft)}.facts dd{overflow-wrap:anywhere}
details{margin-top:1.5rem}summary{cursor:pointer;padding:.25rem 0}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.25rem .5rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
.files-table{margin-top:.75rem}.files-table th[scope=row]{overflow-wrap:anywhere;min-width:12rem}.files-table td:last-child{text-align:right}tr{break-inside:avoid}.rates{margin-top:.5rem}
th[scope=row]{font-weight:400}a{color:var(--focus)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
@media (max-width:30rem){.facts div{grid-template-columns:1fr;gap:0}.verdict{display:block}.verdict .icon{float:left;width:2rem;height:2rem;margin-right:.6rem}.word{min-height:2rem}.sentence{clear:left}
.files-table thead{display:none}.files-table :is(tbody,tr,th,td){display:block}.files-table tr{padding:.4rem 0;border-bottom:1px solid var(--line)}.files-table :is(th,td){padding:0;border:0}.files-table td:last-child{text-align:left}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--forged:#a8200d;--authentic:#2b5876;--inconclusive:#6b4e00;--forged-bg:#fdeae6;--authentic-bg:#e6eff5;--inconclusive-bg:#fcf1d6}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{max-width:none;padding:0;font-size:10pt}
.scrubber,.cursor{display:none!important}.strip{flex-wrap:wrap;overflow:visible}.strip li{width:5.4rem;break-inside:avoid}.strip li[aria-current]{outline:none}
.scroll{max-height:none;overflow:visible}.verdict,.track,.trials,.facts div{break-inside:avoid}h3,h4{break-after:avoid}.strip.single li{width:15rem}.face .pair img{width:6.5rem}h4+.facts{columns:2;column-gap:2rem}
main>article+article{break-before:page;margin:0;padding:0;border:0}}
@page{margin:15mm}
`;
