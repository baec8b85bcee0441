// For test files: needs vitest.
export { describeWithServers } from './describe-with-servers.js'
