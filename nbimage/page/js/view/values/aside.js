// Work beside the main thread: in workers made of this script's own functions; here, where a page
// may have none.

/** @type {Record<string, Function[]>} what is called by a name, and all that it calls itself */
const tasks = {};
/** @type {Map<number, {name: string, given: any[], done: (value: any) => void}>} */
const waiting = new Map();
/** @type {Map<Worker, number | null> | null} with what each does; null: there can be none */
let workers = new Map();
let count = 0;
let resting = 0;
const MOST = 2;
const REST = 9000; // milliseconds after which workers end that nobody needs

/**
 * Name work that may be done aside: it and what it calls know nothing but what they are given.
 * @param {string} name
 * @param {...Function} functions the first one is called
 */
export const registerTask = (name, ...functions) => {
  tasks[name] = functions;
};

const doHere = (/** @type {number} */ id) => {
  const task = waiting.get(id);
  waiting.delete(id);
  task?.done((async () => tasks[task.name][0](...task.given))());
};

function startWorker() {
  const names = Object.entries(tasks).map(([name, [first]]) => `${name}: ${first.name}`);
  const text = `${[...new Set(Object.values(tasks).flat())].join("\n")}
const tasks = { ${names} };
onmessage = async ({ data: [id, name, given] }) => {
  try {
    const value = await tasks[name](...given);
    postMessage([id, value], [value.buffer]);
  } catch (error) { postMessage([id, null, String(error)]); }
};`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(address);
  worker.onmessage = ({ data: [id, value, error] }) => {
    URL.revokeObjectURL(address);
    const task = waiting.get(id);
    waiting.delete(id);
    workers?.set(worker, null);
    shareOut();
    task?.done(error ? Promise.reject(new Error(error)) : value);
    if (!waiting.size) resting = setTimeout(endWorkers, REST);
  };
  worker.onerror = () => {
    endWorkers();
    workers = null; // the page does not let them be
    for (const id of [...waiting.keys()]) doHere(id);
  };
  return worker;
}

function endWorkers() {
  for (const worker of workers?.keys() ?? []) worker.terminate();
  workers?.clear();
}

/** Give workers that have nothing to do what was asked for last: of planes it is that in view. */
function shareOut() {
  for (const [worker, does] of workers ?? []) {
    const given = [...(workers?.values() ?? [])];
    const id = [...waiting.keys()].findLast((one) => !given.includes(one));
    if (does !== null || id === undefined) continue;
    workers?.set(worker, id);
    const task = waiting.get(id);
    worker.postMessage([id, task?.name, task?.given]);
  }
}

/**
 * Do work aside.
 * @param {string} name
 * @param {...any} given copied
 * @returns {Promise<any>} the array that it returns
 */
export const runAside = (name, ...given) =>
  new Promise((done) => {
    const id = count++;
    waiting.set(id, { name, given, done });
    clearTimeout(resting);
    try {
      if (workers && workers.size < Math.min(MOST, waiting.size)) workers.set(startWorker(), null);
    } catch {
      workers = null;
    }
    if (workers) shareOut();
    else doHere(id);
  });
