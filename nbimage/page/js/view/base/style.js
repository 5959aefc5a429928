// The style of the explorer: the colors and the parts that all of its controls share.

import { CONTROL_STYLE } from "./control_style.js";

export const STYLE = `
${CONTROL_STYLE}
:host { --bg: #fff; display: block; max-width: 100%; font: 13px/1.4 system-ui,sans-serif !important;
  color: inherit; text-align: left; font-variant-numeric: tabular-nums; overflow-x: clip }
:host(:fullscreen) { box-sizing: border-box; padding: 12px; background: var(--bg); color: var(--fg);
  overflow: auto }
button[aria-expanded=true] { background: var(--hover); color: var(--accent); font-weight: 600 }
:host(.dark) { --bg: #16191d }
select, input { color-scheme: light }
:host(.dark) :is(select, input) { color-scheme: dark }
[hidden] { display: none !important }
[type=checkbox] { accent-color: var(--accent); margin: 0 }
h4 { margin: 0 0 6px; font: inherit; font-weight: 600 }
.shell { display: grid; grid-template-columns: minmax(0,100%); gap: 12px 14px; padding: 3px }
.shell.wide { grid-template-columns: minmax(0,max-content) 280px }
.main { min-width: 0 }
.below { max-width: 100% }
.top { display: flex; gap: 10px }
.frame { position: relative; max-width: 100%; box-sizing: border-box; min-width: min(160px, 100%);
  min-height: 100px; border-radius: 2px; outline-offset: 1px }
.frame.held { outline: 2px solid var(--accent) }
:host(:fullscreen) .shell { height: 100%; box-sizing: border-box }
:host(:fullscreen) .shell.wide { grid-template-columns: minmax(0,1fr) auto }
:host(:fullscreen) .main { display: flex; flex-direction: column; min-height: 0 }
:host(:fullscreen) .top { flex: 1 1 120px; min-height: 120px }
:host(:fullscreen) .below { width: auto !important }
:host(:fullscreen) .frame { flex: 1; width: auto !important; height: auto !important }
:host(:fullscreen) .wide .side { overflow: auto; padding-right: 8px; width: min(292px, 50vw) }
.stage { position: absolute; inset: 0; display: grid; gap: 4px }
.pane { position: relative; display: flex; flex-direction: column; min-width: 0; min-height: 0 }
.pane > :last-child { position: relative; flex: 1; min-height: 0; box-sizing: border-box;
  overflow: hidden; border: 1px solid var(--line) }
.name { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font: 600 12px/18px
  system-ui, sans-serif }
canvas { display: block; outline: none }
.pane canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair }
.behind { position: absolute; inset: 0 }
.pane:not(:only-child) > :last-child:focus-within { outline: 2px solid var(--accent) }
.edge { position: absolute; touch-action: none; z-index: 2 }
.edge.right { right: -6px; top: 0; bottom: 8px; width: 10px; cursor: ew-resize }
.edge.bottom { bottom: -6px; left: 0; right: 8px; height: 10px; cursor: ns-resize }
.edge.corner { right: -6px; bottom: -6px; width: 16px; height: 16px; cursor: nwse-resize;
  background: linear-gradient(135deg, transparent 50%, var(--dim) 50%) 0 0/10px 10px no-repeat;
  opacity: 0 }
.frame:hover .corner, .corner:focus-visible { opacity: 1 }
:host(:fullscreen) .edge { display: none }
.edge:focus-visible { outline: 2px solid var(--accent) }
.hint { position: absolute; left: 50%; bottom: 8px; transform: translate(-50%); padding: 4px 10px;
  border-radius: 5px; width: max-content; max-width: calc(100% - 36px); background: #101419e0;
  color: #fff; opacity: 0; transition: opacity .2s; pointer-events: none; text-align: center;
  z-index: 3 }
.hint.on { opacity: 1 }
.readout { display: flex; gap: 12px; margin: 8px 0 2px; min-height: 20px }
.readout > :first-child { flex: 1; min-width: 0; overflow-wrap: anywhere }
.pinned { display: flex; gap: 8px; align-items: center }
.pinned::before { content: "pinned"; color: var(--dim); order: 1 }
.pinned span { min-width: 0; overflow-wrap: anywhere }
.pinned button { flex: none; order: 2 }
.bar, .note { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 4px 0 }
.note button { background: var(--soft) }
.tools { display: flex; flex-wrap: wrap; gap: 4px 0; margin-top: 6px; padding-top: 6px;
  border-top: 1px solid var(--line) }
.tools > div { display: flex; gap: 2px }
.tools > :nth-child(2) { border-left: 1px solid var(--line); padding-left: 8px; margin-left: 8px }
.tools > :empty { border: 0 !important }
.tools > :last-child { margin-left: auto }
.zoom { min-width: 52px; justify-content: center; color: var(--dim) }
.brief .word { display: none }
.brief button { padding: 2px 6px }
.brief .zoom { min-width: 44px; padding: 2px 0 }
.brief > :nth-child(2) { padding-left: 2px; margin-left: 2px }
.two > :nth-child(2) { order: 3; flex: 1 0 100%; flex-wrap: wrap; border: 0; margin: 0; padding: 0 }
.two .word { display: inline }
.side { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(280px, 100%), 1fr));
  gap: 16px 24px; align-content: start; min-width: 0 }
.wide .side { border-left: 1px solid var(--line); padding-left: 20px; box-sizing: border-box;
  align-self: stretch }
.panel { min-width: 0 }
.field { display: flex; flex-direction: column; gap: 2px; color: var(--dim); font-size: 12px;
  min-width: 0 }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin-top: 8px;
  max-width: 380px }
.field :is(input:not([type=range], [type=checkbox]), select) { width: 100% }
.chips { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 8px }
.chips button { background: var(--soft); padding: 2px 9px }
.row { display: flex; align-items: center; gap: 8px; min-height: 28px }
.quiet { color: var(--dim) }
.popup { position: fixed; z-index: 9; inset: auto; margin: 0; padding: 6px;
  border: 1px solid var(--line); border-radius: 8px;
  background: var(--bg); color: var(--fg); box-shadow: 0 4px 16px #0004; box-sizing: border-box;
  max-width: calc(100vw - 16px); overflow: auto }
.menu button { display: flex; width: 100%; text-align: left; justify-content: flex-start }
.help { padding: 12px 16px }
.help > div { columns: 220px; column-gap: 24px }
.help section { break-inside: avoid; margin-bottom: 12px }
.help section div { display: grid; grid-template-columns: 92px 1fr; gap: 8px; padding: 1px 0 }
.help > button { float: right; margin: -6px -10px 0 0 }
kbd { font: inherit; color: var(--dim) }
.spoken { position: absolute; width: 1px; height: 1px; margin-top: -1px; overflow: hidden;
  clip-path: inset(50%) }
@media (prefers-reduced-motion: reduce) { .hint { transition: none } }
@media (forced-colors: active) {
  .frame.held, .pane > :focus-within { outline-color: Highlight !important }
  .map, .strip i, s, .swatch, .shape-list b, .dot, .behind { forced-color-adjust: none }
  button[aria-pressed=true], button[aria-expanded=true] { outline: 2px solid Highlight;
    outline-offset: -2px }
  .hint, .name { background: Canvas; color: CanvasText }
}
@media (pointer: coarse) {
  .edge.corner { right: -22px; bottom: -22px; width: 44px; height: 44px;
    background-position: 16px 16px }
  .row, .pace label { min-height: 44px }
  [type=checkbox] { width: 24px; height: 24px; min-height: 0 !important }
}
@media print { .tools, .side, .edge, .hint, .note { display: none !important }
  .stage canvas { object-fit: contain; object-position: 0 0 } }
`;
