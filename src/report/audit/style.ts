/** What the summary of an audit has beyond the style of a report. */
export const auditStyle = `
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.5rem,1fr));gap:.5rem;margin:1rem 0;padding:0;list-style:none}
.counts li{display:flex;flex-direction:column;padding:.6rem .9rem;border-radius:.75rem;background:var(--tint);border-left:.4rem solid var(--side)}
.counts strong{font-size:1.6rem;line-height:1.2;color:var(--side);font-variant-numeric:tabular-nums}
.filters{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.25rem;margin-top:1rem;padding:.75rem 1rem;border-radius:.75rem;background:var(--card)}
.filters[hidden],[data-file][hidden],[data-group][hidden]{display:none}
fieldset{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0;padding:0;border:0}legend{float:left;margin-right:1rem;padding:0;color:var(--soft)}
input,select{font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--soft);border-radius:.35rem;padding:.2rem .4rem}
input[type=checkbox]{width:1.1rem;height:1.1rem;margin:0 .2rem 0 0;vertical-align:-.2rem;accent-color:var(--focus)}
.files{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:.5rem;margin-top:.75rem;padding:0;list-style:none}
.files li{display:flex;gap:.75rem;padding:.5rem;border-radius:.5rem;background:var(--card);border-left:.3rem solid var(--side);break-inside:avoid}
.picture{flex:none;width:6rem;height:6rem}.picture img{width:100%;height:100%;object-fit:contain;border-radius:.25rem}
.no-picture{display:block;width:100%;height:100%;border:1px dashed var(--line);border-radius:.25rem}
.about{flex:1;min-width:0}.about p{margin:0;overflow-wrap:anywhere}.about strong{color:var(--side)}.number{font-variant-numeric:tabular-nums}
.path{font-weight:600}.plain{padding-left:1.2rem}progress{width:8rem;accent-color:var(--focus)}
@media (max-width:30rem){.picture{width:4.5rem;height:4.5rem}}
@media print{.filters{display:none!important}}
`;
