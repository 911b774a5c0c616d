/** bridge.ts names the DOM's MessagePort in the type of `window.truc`; runtimes without a DOM know no more than the name. */
interface MessagePort {
  readonly [Symbol.toStringTag]?: 'MessagePort';
}
