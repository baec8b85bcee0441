export { createRandom } from '../../model/testdata/random.js'
