#pragma once

namespace kbench {

// The style sheet of the HTML report: light and dark, and rows that stack on a narrow screen.
inline constexpr const char* kReportStyle = R"css(
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--text:#1b2330;--soft:#5d6878;--grid:#e4e8ee;
--line:#0b6e78;--dot:#9fb4c4;--bar:#2a9aa5;--track:#e8edf1;--whisker:#12323a;--ok:#2f9e63;--gold:#b7791f;
--f1:#d1495b;--f2:#e08e45;--f3:#8d6fc0;--f4:#4f7cc4;--f5:#a3486f;--f6:#7c8796}
@media(prefers-color-scheme:dark){:root{--page:#11151b;--card:#191f28;--text:#e4e9f0;--soft:#97a3b4;
--grid:#2a323e;--line:#4fc3cf;--dot:#4b5f72;--bar:#2c8f9a;--track:#252d38;--whisker:#e4e9f0;--ok:#4fb985;
--gold:#e3b04b;--f1:#ef6f7f;--f2:#eda45f;--f3:#ab92da;--f4:#7ea5e6;--f5:#cf7a9f;--f6:#8d98a8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main,header{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1{font-size:28px;margin:0;letter-spacing:-.02em}
h2{font-size:22px;margin:44px 0 12px;letter-spacing:-.01em}
h3{font-size:15px;margin:0;font-weight:600}
.soft{color:var(--soft)}
.small{font-size:13px}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
nav{margin:14px 0 0;display:flex;flex-wrap:wrap;gap:8px}
nav a,.chip{border:1px solid var(--grid);border-radius:99px;padding:1px 10px;color:inherit;
text-decoration:none;background:var(--card);font-size:13px;white-space:nowrap}
nav a:hover{border-color:var(--line)}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:8px 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:22px}
.tile,.card{background:var(--card);border:1px solid var(--grid);border-radius:12px}
.tile{padding:14px 16px}
.tile b{display:block;font-size:26px;line-height:1.2;letter-spacing:-.02em}
.card{padding:18px 20px;margin:0 0 16px}
table{border-collapse:collapse;width:100%;margin-top:14px}
th{font-size:12px;font-weight:500;color:var(--soft);text-align:left;padding:4px 10px 4px 0;white-space:nowrap}
td{padding:10px 10px 10px 0;border-top:1px solid var(--grid);vertical-align:top}
td.n,th.n{text-align:right}
td:last-child,th:last-child{padding-right:0}
.rank{color:var(--soft);width:28px}
tr.first .rank{color:var(--gold);font-weight:700}
tr.first .kernel{font-weight:600}
.speed{width:30%;min-width:190px}
.speed b{font-size:16px}
.bar{position:relative;height:9px;border-radius:5px;background:var(--track);margin-top:5px}
.bar i,.bar u,.bar s{position:absolute;display:block}
.bar i{left:0;top:0;bottom:0;width:var(--v);background:var(--bar);border-radius:5px}
.bar u{left:var(--lo);width:max(2px,calc(var(--hi) - var(--lo)));top:3.5px;height:2px;background:var(--whisker)}
.bar s{left:var(--one);top:-3px;bottom:-3px;width:1px;background:var(--soft)}
tr.anchor .bar i{background:var(--dot)}
.roof{width:120px}
.time{white-space:nowrap}
th.n,td.time{padding-right:22px}
.narrow{display:none}
.params{color:var(--soft);display:block}
details{margin-top:6px}
summary{cursor:pointer;color:var(--soft);font-size:13px}
details code{display:block;margin-top:4px;padding:7px 10px;background:var(--page);border-radius:7px;
user-select:all}
.curves{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:16px}
.curves .card{margin:0}
svg.curve{width:100%;height:auto;display:block;margin-top:8px}
.curve text{font-size:12px;fill:var(--soft)}
.curve .grid{stroke:var(--grid)}
.curve .tried{fill:var(--dot);opacity:.65}
.curve .best{fill:none;stroke:var(--line);stroke-width:2.2;stroke-linejoin:round}
.curve .winner{fill:var(--line)}
.stack{display:flex;height:14px;border-radius:7px;overflow:hidden;margin:12px 0 10px;background:var(--track)}
.stack i{display:block;min-width:2px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:10px 0 0;font-size:13px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
footer{max-width:1120px;margin:32px auto;padding:0 20px;color:var(--soft);font-size:13px}
@media(max-width:720px){
main,header,footer{padding-left:14px;padding-right:14px}
.card{padding:14px}
thead{display:none}
table,tbody,tr,td{display:block}
tr{display:grid;grid-template-columns:28px 1fr auto;column-gap:10px;border-top:1px solid var(--grid);padding:10px 0}
td{border:0;padding:0}
td.speed,td.repeat{grid-column:2/4;width:auto;margin-top:4px}
td.roof{grid-column:2/4;width:auto;text-align:left;margin-top:4px}
td.roof .bar{max-width:200px}
td.time{grid-column:3;grid-row:1;padding:0}
.narrow{display:inline}
dl{grid-template-columns:1fr}dd{margin-bottom:6px}}
@media print{body{background:#fff}.card,.tile{break-inside:avoid}}
)css";

}  // namespace kbench
