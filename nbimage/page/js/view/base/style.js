// The style of what all controls have.

export const STYLE = `
:host { display: block; max-width: 100%; font: 12px/18px system-ui, sans-serif; color: inherit;
  text-align: left }
:host(:fullscreen) { display: flex; flex-direction: column; box-sizing: border-box; padding: 8px;
  background: Canvas; color: CanvasText; overflow: auto }
[hidden] { display: none !important }
.frame { position: relative; max-width: 100%; box-sizing: border-box; min-width: min(160px, 100%);
  min-height: 100px }
:host(:fullscreen) .frame { flex: 1; width: auto !important; height: auto !important }
.stage { position: absolute; inset: 0; display: grid; gap: 4px }
.pane { position: relative; display: flex; flex-direction: column; min-width: 0; min-height: 0 }
.pane > :last-child { position: relative; flex: 1; min-height: 0; box-sizing: border-box;
  overflow: hidden; border: 1px solid rgba(128,128,128,.5) }
.name { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; font-weight: 600 }
canvas { display: block; outline: none }
.pane canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: crosshair }
.pane canvas:focus-visible { box-shadow: inset 0 0 0 2px #4c9aff }
.edge { position: absolute; touch-action: none; z-index: 2 }
.edge.right { right: -6px; top: 0; bottom: 8px; width: 10px; cursor: ew-resize }
.edge.bottom { bottom: -6px; left: 0; right: 8px; height: 10px; cursor: ns-resize }
.edge.corner { right: -6px; bottom: -6px; width: 16px; height: 16px; cursor: nwse-resize;
  background: linear-gradient(135deg, transparent 50%, rgba(128,128,128,.9) 50%)
    0 0/10px 10px no-repeat }
:host(:fullscreen) .edge { display: none }
.edge:focus-visible { outline: 2px solid #4c9aff }
.hint { position: absolute; left: 50%; top: 50%; transform: translate(-50%,-50%); padding: 4px 10px;
  border-radius: 4px; max-width: 90%;
  background: rgba(0,0,0,.75); color: #fff; opacity: 0; transition: opacity .2s;
  pointer-events: none; text-align: center; z-index: 3 }
.hint.on { opacity: 1 }
.readout { display: flex; gap: 12px; margin-top: 4px; min-height: 18px;
  font-variant-numeric: tabular-nums }
.readout > :first-child { flex: 1; min-width: 0; overflow-wrap: anywhere }
.pinned { display: flex; gap: 8px; align-items: center; font-variant-numeric: tabular-nums }
.pinned::before { content: "pinned"; opacity: .7 }
.pinned span { min-width: 0; overflow-wrap: anywhere }
.pinned button { flex: none }
.bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 4px 0 }
button, select, input[type=text], input[type=number] { font: inherit; color: inherit;
  background: transparent;
  border: 1px solid rgba(128,128,128,.6); border-radius: 3px; padding: 0 6px; min-height: 24px;
  box-sizing: border-box }
button { min-width: 26px; cursor: pointer }
button:disabled { opacity: .5; cursor: default }
select option { color: CanvasText; background: Canvas }
input[type=range] { accent-color: #4c9aff; min-width: 60px; margin: 0 }
button:hover, button[aria-pressed=true], button[aria-expanded=true] {
  background: rgba(128,128,128,.25) }
button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid #4c9aff;
  outline-offset: 0 }
.help { columns: 240px; gap: 24px; margin: 4px 0; padding: 0 }
.help div { break-inside: avoid; display: grid; grid-template-columns: 92px 1fr; gap: 8px }
kbd { font: inherit; font-weight: 600 }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
@media (prefers-reduced-motion: reduce) { .hint { transition: none } }
@media (pointer: coarse) { button, select { min-height: 32px; min-width: 36px } }
`;
