// The browser takes uPlot from the path beside this module; its types come from the package.
export { default } from 'uplot'
