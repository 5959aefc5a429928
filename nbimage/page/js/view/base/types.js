// What the modules of the explorer have in common. Types alone: nothing of this is shipped.
//
// "World" are the samples of the first image: 0, 0 is the upper left corner of its first one as it
// is shown, x goes right and y down. Each image has its position there.

/**
 * What Python tells the page (nbimage/view/model/page_config.py).
 * @typedef {object} Config
 * @property {ImageConfig[]} images one, or those that are compared
 * @property {AxisConfig[]} axes those beyond the picture's, the last one fastest in `planes`
 * @property {string[]} kinds which projections along `axes` there are
 * @property {(number | "y" | "x" | ":" | "0")[]} order of the array's own axes: an index of `axes`,
 *   the rows, the columns, channels, or one of length 1 that is no axis here
 * @property {"single" | "compare" | "facet" | "ortho"} layout
 * @property {number} facet which of `axes` lies side by side, -1: none
 * @property {number} columns of facets, 0: as many as look well
 * @property {number} spacing of "ortho": a step along the last of `axes` in samples of x
 * @property {Record<string, string>} palettes base64 of (256, 3) or (256, 4) bytes by name
 * @property {LayerConfig[]} layers what lies over the images, the uppermost last
 * @property {State} state to begin with
 * @property {string} asked which limits were asked for: the same text, the same ones
 * @property {string} alt
 * @property {string | null} [background] CSS of what stands behind clear pixels
 * @property {string} id of the display, by which an update knows what it replaces; "" for none
 * @property {number} width CSS pixels of the stage
 * @property {number} share of the output's width, where the stage's was given so; else 0
 * @property {number} height
 * @property {[number, number][]} [stages] of compared images width and height side by side, and of
 *   one pane: those that its pictures' shape asks for
 */
/**
 * @typedef {object} ImageConfig
 * @property {string} name
 * @property {string} source Python that gives the array: data, data[0], data['a']
 * @property {"gray" | "color" | "composite"} kind gray has 1 channel, or 2 with alpha; color 3,
 *   or 4 with alpha; composite any number, none of them alpha
 * @property {number} rows
 * @property {number} columns
 * @property {number} channels
 * @property {StoredPlane[]} planes one for each index along the axes; none of an image of tiles
 * @property {TilesConfig} [tiles] of an image that is too large for the page
 * @property {string} base a whole number that is taken off before binning: limits, extents have it
 *   off
 * @property {number} full the largest number of the dtype; of floats 1
 * @property {[number, number] | null} [alpha] the values of alpha that are clear and opaque
 * @property {boolean} exact false: float64 rounded to float32
 * @property {number} [labels] of how many colors its labels have one each; 0: its values are none
 * @property {Record<string, string>} [names] what single values are called
 * @property {boolean} lower the array's first row is shown at the bottom
 * @property {[number, number][]} extent of the values, of all planes: one, or one a channel
 * @property {{name: string, color: [number, number, number]}[]} colors channels with name and
 *   color; of gray none, of color red, green, blue (no alpha)
 * @property {number[]} [noise] of the values, or of each channel's; 0: not known
 * @property {Tail | null} [tail] what the first limits hide
 * @property {string} label of the values, with their unit: "temperature [K]"
 * @property {string} unit
 * @property {Coordinates | null} x coordinates of the columns
 * @property {Coordinates | null} y of the rows, from the top as shown
 * @property {WorldConfig | null} [world] coordinates of the sky or the earth
 * @property {Placement} position
 */
/**
 * Coordinates of the sky or the earth: of each part a unit vector, or a number. A patch has left,
 * top, right and bottom in pixels, the degree of its polynomial (-1: each pixel is listed), where
 * its numbers begin, and how many pixels have no place, have one, have none, and so on.
 * @typedef {object} WorldConfig
 * @property {{kind: "sky" | "earth" | "number", names: string[], unit: string, frame: string,
 *   hours: boolean, signed: boolean}[]} parts
 * @property {[number, number, number, number, number, number, number[]?][]} patches
 * @property {string} numbers base64 of float64
 */
/**
 * The coordinates of pixels, of view/figure/sky.js.
 * @typedef {object} World
 * @property {WorldConfig["parts"]} parts
 * @property {(x: number, y: number, dx: number, dy: number) => {east: number, north: number} |
 *   null} step what lies between two positions before and after a pixel, in degrees
 * @property {(x: number, y: number) => {text: string, detail?: string}[]} describe
 */
/**
 * Lines of longitude and latitude in CSS pixels, and their texts along two edges.
 * @typedef {{segments: number[][], below: {at: number, text: string}[], left: {at: number, text:
 *   string}[]}} SkyLines
 */
/**
 * In words, and ways out: a name, Python that does it, and limits or null for asinh.
 * @typedef {{text: string, ways: [string, string, [number, number] | null][]}} Tail
 */
/**
 * @typedef {{dtype: string, data: string | string[], encoding: "base64" | "base85", steps?: boolean
 *   }} StoredPlane a PNG of byte planes or of steps, or those of both halves of the rows
 */
/**
 * How an image is cut into tiles.
 * @typedef {object} TilesConfig
 * @property {number} size samples a side
 * @property {number} overlap pixels of each neighbour that pictures have as well
 * @property {number} coarsest the coarsest level, which is one tile; 0 is every sample
 * @property {string} dtype of the values; "": tiles are pictures
 * @property {boolean} rough the first tiles may be rough, until all has been looked at
 */
/** A plane's number, or its name where planes become one. @typedef {number | string} PlaneName */
/** A tile. @typedef {{plane: PlaneName, level: number, column: number, row: number}} TileAddress */
/**
 * What came of an address.
 * @typedef {StoredPlane | {dtype: string, data: Uint8Array, encoding: "bytes", steps?: undefined} |
 *   HTMLImageElement | null} TileData
 */
/**
 * error: why nothing came; rough: a better one can be asked for later; absent: there is none, and
 * coarser ones stand for it.
 * @typedef {{error?: string, rough?: boolean, absent?: boolean}} TileInfo
 */
/**
 * Where tiles come from.
 * @typedef {object} Loader
 * @property {(wanted: TileAddress[]) => void} request all that is wanted now, the most important
 *   first: of what was asked for before nothing else is wanted any more
 * @property {(listener: (address: TileAddress, found: TileData, about: TileInfo) => void) => void}
 *   on be told of each
 * @property {() => number | null} [progress] how much of a rough overview is looked at by now,
 *   null: nothing is going on
 * @property {() => void} [renew] what was asked for, and has come, is of other data now
 * @property {() => void} [stop] leave it as it is
 */
/**
 * @typedef {{name: string, size: number, labels: string[]}} AxisConfig labels: one an index, or
 *   none
 */
/**
 * Coordinates along an axis: `texts`, or numbers from `first` on in equal steps.
 * @typedef {{label: string, unit: string, first?: number, step?: number, texts?: string[]}}
 *   Coordinates
 */
/**
 * Where an image lies: world = x + sx * sample.
 * @typedef {{x: number, y: number, sx: number, sy: number}} Placement
 */

/**
 * How values become colors.
 * @typedef {object} DisplaySettings
 * @property {number[]} vmin one for all channels, or one a channel (alpha's last, where it has one)
 * @property {number[]} vmax
 * @property {boolean[]} on one of each of the image's `colors` (gray: none)
 * @property {number[][]} [colors] of a composite's channels, three bytes each; of others none
 * @property {"linear" | "log" | "asinh" | "symlog" | "gamma" | "levels"} norm
 * @property {number | null} parameter of gamma the exponent; of asinh and symlog the knee, null: a
 *   hundredth of the larger limit's magnitude, of asinh the noise if that is known
 * @property {number[]} [edges] of discrete levels, which such limits have
 * @property {boolean} vsym
 * @property {string} cmap
 * @property {boolean} invert
 */
/** @typedef {import("../layers/sources.js").LayerConfig} LayerConfig */
/** @typedef {import("../layers/sources.js").LayerState} LayerState */
/** @typedef {import("../layers/sources.js").Label} Label */
/**
 * All that can change, but for the camera.
 * @typedef {object} State
 * @property {number[]} index along each of `axes`
 * @property {(Projection | null)[]} projections along each of `axes`: planes that become one
 * @property {DisplaySettings[]} displays one for all images, or one each
 * @property {Box | null} viewport what is seen at the start, null: all
 * @property {{x: number, y: number} | null} cursor the pinned one: a sample of the first image
 * @property {"side" | "swipe" | "blink" | "difference" | "absolute" | "relative" | "ssim" |
 *   "flip"} mode of comparing
 * @property {[number, number]} pair the images that are compared, but in "side", "blink"
 * @property {number} swipe share of the width at which the second image begins
 * @property {number} rate of blinking, changes a second
 * @property {boolean} linked whether compared images have the same display settings
 * @property {"move" | `shape-${ShapeTool}`} tool what dragging does
 * @property {Shape[]} shapes that were drawn; a list and its members never change, there are new
 *   ones
 * @property {string} selected the id of the shape whose numbers are shown, "": none
 * @property {string[]} panels which are open, by the names in `Control.opens`
 * @property {boolean} axes whether ticks stand along the edges
 * @property {boolean} tip whether the value stands beside the pointer as well
 * @property {number} active the image that the contrast panel is for
 * @property {number} fps
 * @property {boolean} loop
 * @property {LayerState[]} layers one of each of the layers
 * @property {{visible: boolean, opacity: number}} image how the images below them are seen
 * @property {number} playing which of `axes` plays, -1: none
 */
/** @typedef {"point" | "line" | "box" | "ellipse" | "polygon"} ShapeKind */
/** @typedef {"select" | "freehand" | ShapeKind} ShapeTool */
/**
 * In world units; of a box, whose samples are whole, and of an ellipse two corners. `plane`: an
 * index for each of `axes`, -1 for all; null: it is on all planes.
 * @typedef {{kind: ShapeKind, points: {x: number, y: number}[], label: string, color: string,
 *   plane: number[] | null, id: string}} Shape
 */
/**
 * The planes from `first` to `last`, both of them too, as one.
 * @typedef {{kind: string, first: number, last: number}} Projection
 */
/** In world units. @typedef {{x0: number, y0: number, x1: number, y1: number}} Box */

/**
 * @typedef {import("../values/samples.js").Plane | import("../tiles/tiled_plane.js").TiledPlane}
 *   Plane
 */
/** @typedef {import("../values/samples.js").Level} Level */
/** @typedef {import("../values/samples.js").Numbers} Numbers */
/**
 * Where samples come from.
 * @typedef {object} Source
 * @property {(index: PlaneName) => Plane | null} peek a plane that is at hand
 * @property {(index: PlaneName, wanted?: () => boolean) => Promise<Plane>} plane null if nobody
 *   wanted it before it was made
 */
/**
 * Something that a pane draws.
 * @typedef {object} Item
 * @property {string} key of what it is: the same key, the same samples
 * @property {Plane} plane
 * @property {ImageConfig} image
 * @property {DisplaySettings} display
 * @property {Placement} position
 * @property {number} [of] the image whose samples it is about, if its own are others
 * @property {[number, number]} [clip] shares of the pane's width between which it is seen
 * @property {number[]} [index] along the axes, if another than the state's
 * @property {(layer: number) => {plane: Plane, key: string, position: Placement} | null} [cut] of a
 *   plane at a right angle: the same cut of labels, in samples of this one
 */
/**
 * A pane that is asked for.
 * @typedef {object} PaneSpec
 * @property {string} name what is written above it, "" for nothing
 * @property {() => Item[]} items called for each frame: quick; none of those whose planes are not
 *   at hand
 * @property {["x" | "z", "y" | "z"]} [axes] of "ortho": what goes right and what down
 */
/**
 * What every control is given.
 * @typedef {object} Explorer
 * @property {Config} config
 * @property {State} state never changed but by `set`, always the same object
 * @property {DisplaySettings[]} initial the display settings that Python asked for
 * @property {(change: Partial<State>) => void} set changes the state, tells everybody, draws
 * @property {(listener: (change: Partial<State>) => void) => void} on be told of what changed
 * @property {() => void} draw ask for a frame
 * @property {Source[]} sources one an image
 * @property {Record<string, Uint8Array>} palettes (256, 4) by name
 * @property {(image: number) => DisplaySettings} displayOf
 * @property {(index?: number[]) => PlaneName} planeNumber of a plane in each source, or its name:
 *   by default the current one
 * @property {Pane[]} panes those that are shown now
 * @property {(pane: Pane) => void} over draw what controls have over a pane
 * @property {() => Promise<void>} settled when the planes that are asked for are shown
 * @property {(name: string, on?: boolean) => void} open a panel, or close it; by default the other
 *   of the two
 * @property {(kind: ShapeKind, parts: import("../shapes/subjects.js").Whole[]) =>
 *   Promise<Partial<MeasuredMessage>>} [measure] have Python measure all samples inside
 * @property {(text: string) => void} copy to the clipboard, and say so
 * @property {(text: string) => void} hint say something over the picture, for a moment
 * @property {(text: string) => void} announce to screen readers
 * @property {boolean} calm the reader prefers reduced motion
 */
/** @typedef {import("../viewer/pane.js").Pane} Pane */
/** @typedef {import("../tiles/tiled_plane.js").TiledPlane} TiledPlane */
/**
 * A control of the explorer: what it adds to it.
 * @typedef {object} Control
 * @property {HTMLElement} [panel] for the side column, below `opens.word` as its heading; shown and
 *   hidden by the viewer
 * @property {Opens} [opens] how the panel is opened
 * @property {HTMLElement} [beside] stands at the right of the stage, as high as it is
 * @property {HTMLElement} [note] a line above the readout; it shows and hides itself by `hidden`
 * @property {(axis: number) => HTMLElement | null} [row] what stands at the end of a slider's row
 * @property {SaveEntry[]} [saves] for the menu of what is saved and copied
 * @property {(pane: Pane, at: {x: number, y: number}) => {text: string, detail?: string}[]} [read]
 *   what it adds to the readout of what is at a position of the world
 * @property {[string, string, string][]} [help] groups, keys and what they do
 * @property {Record<string, () => void>} [keys] by KeyboardEvent.key, while a pane has the focus
 * @property {HTMLElement} [grip] lies over the stage, shows and hides itself by `hidden`
 * @property {(pane: Pane, pen: CanvasRenderingContext2D) => void} [over] draws over a pane, in CSS
 *   pixels
 * @property {(pane: Pane, at: {x: number, y: number}) => void} [clicked] told of a click, in world
 *   units
 * @property {Record<string, Tool>} [tools] by the name in `state.tool`
 */
/**
 * With the panes that a mode of comparing asks for, and all that is read at a position.
 * @typedef {Control & {panes: () => PaneSpec[], items: () => Item[], ready: () => Promise<void>}}
 *   CompareControl
 */
/**
 * A button of the tool bar for a panel. Controls of one name share the button; that of the first
 * one is made.
 * @typedef {object} Opens
 * @property {"contrast" | "layers" | "measure" | "compare"} name in `state.panels`
 * @property {string} word on the button, and the panel's heading
 * @property {string} hint
 * @property {string} key
 */
/** @typedef {{word: string, hint: string, run: () => void}} SaveEntry */
/**
 * What dragging does; in world units.
 * @typedef {object} Tool
 * @property {(at: {x: number, y: number}, pane: Pane) => void} start
 * @property {(at: {x: number, y: number}, pane: Pane) => void} move
 * @property {(at: {x: number, y: number}, pane: Pane) => void} end
 */
// The messages of a live view. Python has them in nbimage/view/live: `widget` sends and receives,
// `messages` checks. Each page is a client with a name of its own; what Python sends to all pages
// has no name, or "".

/**
 * What a front-end gives a widget.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(content: any) => void} send
 * @property {(name: string, listener: (...all: any[]) => void) => void} on
 * @property {(name: string, listener: (...all: any[]) => void) => void} off
 */
/**
 * From a page, and answered by a `HelloMessage`: which scripts it has, and whether bytes have to
 * come as base64, since its front-end loses what is binary.
 * @typedef {{type: "hello", client: string, have: string[], text: boolean}} HelloRequest
 */
/**
 * What a page begins with; with it come a packed script and the first tiles, as buffers or `texts`.
 * @typedef {object} HelloMessage
 * @property {"hello"} type
 * @property {string} client
 * @property {string} view the widget's name, by which a page finds the picture that stands for it
 * @property {string} title what stands above it, or ""
 * @property {string} script its name
 * @property {boolean} packed
 * @property {Config} config
 * @property {number} generation how often the data were replaced before
 * @property {boolean} eager changes of what is seen are wanted at once: another view follows
 * @property {TileMessage[]} tiles
 * @property {number} count of buffers
 * @property {string[]} [texts]
 */
/**
 * From a page: all tiles that it wants now, the most important first; of what it requested before
 * nothing else is wanted any more. A tile is [plane, level, column, row].
 * @typedef {{type: "request", client: string, epoch: number, text: boolean,
 *   requests: {image: number, tiles: number[][]}[]}} TilesRequest
 */
/**
 * A tile, whose bytes come as a buffer or as base64 in `text`; or why there is none.
 * @typedef {object} TileMessage
 * @property {"tile"} type
 * @property {string} client
 * @property {number} image
 * @property {number[]} address
 * @property {string} dtype
 * @property {number} bytes
 * @property {boolean} [rough] a better one can be requested later
 * @property {number} [progress] of the overview, 1: done
 * @property {number} [generation] of which data: how often they were replaced before
 * @property {string} [error]
 * @property {string} [text]
 */
/**
 * From a page, what has changed of the state, each key whole, and the CSS pixels of a sample; or to
 * all pages but the one that sent it.
 * @typedef {{type: "state", client: string, changes?: Partial<State> & {scale?: number},
 *   eager?: boolean}} StateMessage
 */
/**
 * From a page: leave the overview as it is.
 * @typedef {{type: "stop", client: string, image: number}} StopMessage
 */
/**
 * From a page: what lies inside of a shape, `parts` of `Whole`. Answered by `found`: of each the
 * statistics of each channel, large numbers as texts, or null, for which there may be an `error`.
 * @typedef {{type: "measure", client: string, number: number, kind: ShapeKind, parts: any[]}}
 *   MeasureMessage
 */
/** @typedef {{type: "measured", number: number, found: any, error?: string}} MeasuredMessage */
/** From a page that is gone. @typedef {{type: "bye", client: string}} ByeMessage */
/**
 * There are other data, with the tiles that the page drew last; it says when it has drawn these.
 * @typedef {object} DataMessage
 * @property {"data"} type
 * @property {string} client
 * @property {number} generation how often the data were replaced
 * @property {number[]} sizes of the axes
 * @property {string[]} dtypes of the images' tiles
 * @property {Partial<State>} changes
 * @property {TileMessage[]} tiles
 * @property {number} count of buffers
 * @property {string[]} [texts]
 */
/**
 * From a page: all of that is drawn, of these tiles.
 * @typedef {{type: "drawn", client: string, generation: number,
 *   requests: {image: number, tiles: (number | string)[][]}[]}} DrawnMessage
 */
/** To all pages: the view is closed. @typedef {{type: "gone"}} GoneMessage */
export {};
