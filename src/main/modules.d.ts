/** A file's text, put in when the console is built. */
declare module '*?raw' {
  const text: string;
  export default text;
}
