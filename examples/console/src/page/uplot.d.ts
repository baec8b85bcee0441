// The browser takes uPlot from the path beside this module; its types come from the package.
// oxlint-disable-next-line import/no-default-export -- it has no other
export { default } from 'uplot'
