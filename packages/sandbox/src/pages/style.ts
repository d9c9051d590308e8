/** The style sheet of the pages. Colours follow the setting of the person's system; contrast is at least 4.5 to 1. */
export const STYLE_SHEET = `:root{color-scheme:light dark;--text:#1f2328;--soft:#57606a;--page:#fff;--panel:#f6f8fa;--line:#d0d7de;--control:#8c959f;--link:#0550ae;--accent:#0550ae;--on-accent:#fff;--good:#116329;--bad:#a40e26}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#a5afba;--page:#0d1117;--panel:#161b22;--line:#30363d;--control:#6e7681;--link:#79c0ff;--accent:#1f6feb;--on-accent:#fff;--good:#56d364;--bad:#ff9492}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:var(--text);background:var(--page)}
.skip{position:absolute;left:-10000px}
.skip:focus{left:1rem;top:.5rem;padding:.25rem .5rem;background:var(--page);z-index:1}
header,main{max-width:72rem;margin:0 auto;padding:0 1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:center;padding-top:.75rem;padding-bottom:.75rem;border-bottom:1px solid var(--line)}
header nav{display:flex;gap:1rem;flex:1}
header form{margin:0}
nav a[aria-current]{font-weight:600;color:var(--text);text-decoration:none}
main:focus{outline:none}
a{color:var(--link)}
h1{font-size:1.5rem;margin:1rem 0 .5rem}
h2{font-size:1.15rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
caption{text-align:left;color:var(--soft)}
td,th{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top}
th{background:var(--panel);font-weight:600}
pre,.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
pre{font:13px/1.45 ui-monospace,monospace}
dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;margin:.5rem 0;border-top:1px solid var(--line)}
dt,dd{margin:0;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
dt{background:var(--panel);font-weight:600}
form{margin:.75rem 0}
fieldset{border:1px solid var(--line);margin:.75rem 0;padding:.25rem 1rem .75rem}
legend{font-weight:600;padding:0 .35rem}
label{display:block;font-weight:600;margin:.35rem 0 .15rem}
.fields{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:end}
.buttons{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0}
input,select,textarea,button{font:inherit;color:var(--text);background:var(--page);border:1px solid var(--control);border-radius:4px;padding:.3rem .5rem}
textarea{width:100%;min-height:4.5rem}
button{background:var(--panel);cursor:pointer;padding:.35rem .9rem}
button.main{background:var(--accent);color:var(--on-accent);border-color:var(--accent)}
button.danger{color:var(--bad);border-color:var(--bad)}
.soft{color:var(--soft)}
.note{padding:.5rem .75rem;border:1px solid var(--good);border-left-width:5px;margin:.75rem 0}
.alert{padding:.5rem .75rem;border:1px solid var(--bad);border-left-width:5px;margin:.75rem 0;white-space:pre-wrap}
.activity{list-style:none;padding:0}
.activity li{border-left:3px solid var(--line);padding:.15rem 0 .15rem .75rem;margin:.5rem 0}
.columns>*{min-width:0}
@media (min-width:60rem){.columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:0 2rem;align-items:start}}
.states{display:block;width:100%;height:auto;max-height:6rem}
.states rect{fill:var(--panel);stroke:var(--control)}
.states text{fill:var(--soft);font:600 13px system-ui,sans-serif;text-anchor:middle;dominant-baseline:central}
.states line{stroke:var(--control)}
.states .past text{fill:var(--text)}
.states .current rect{fill:var(--accent);stroke:var(--accent)}
.states .current text{fill:var(--on-accent)}
`

/** The icon of the pages. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0550ae"/><path d="M4 8.5l2.5 2.5L12 5.5" fill="none" stroke="#fff" stroke-width="2"/></svg>`
