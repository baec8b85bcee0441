export { describeWithServers } from '@promline/servers/testing'
