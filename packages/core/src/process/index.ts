export { tuneProcess } from './tune-process.js'
