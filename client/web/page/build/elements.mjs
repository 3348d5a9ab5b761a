/** What the page's elements are made by, for every file that has some: shorter than what each file would name by itself. */
export { Fragment, h } from "preact";
