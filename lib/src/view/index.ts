// A web app over a folder of results, on loopback.
export { startView, type StartedView, type ViewOptions } from './start-view.js';
