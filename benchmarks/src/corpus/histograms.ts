import { exposition, type Family } from './exposition.js'
import { noise, noiseHex, noiseInteger } from './noise.js'

const labelSets = 1846
/** Label sets of a family. */
const familySize = 142
const bounds = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf']
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']

/** Classic histograms: 1,846 label sets of 14 lines each, sums of 17 digits. */
export function histogramPage(version: number): string {
  const families: Family[] = []
  for (let first = 0; first < labelSets; first += familySize) families.push(histogramFamily(first, version))
  return exposition(families)
}

function histogramFamily(first: number, version: number): Family {
  const name = `service_${first / familySize}_request_duration_seconds`
  const lines: string[] = []
  for (let i = first; i < first + familySize; i++) lines.push(...histogramLines(name, i, version))
  return { name, type: 'histogram', help: 'How long requests took, from the first byte to the last.', lines }
}

function histogramLines(name: string, i: number, version: number): string[] {
  const route = `/api/v2/${noiseHex(i, 1, 8)}/customers/{id}/orders`
  const pod = `gateway-${noiseHex(i % 60, 2, 10)}-${noiseHex(i % 60, 3, 5)}`
  const labels = `cluster="production-eu",method="${methods[i % methods.length]}",pod="${pod}",route="${route}",status="${200 + (i % 4)}"`
  let count = 0
  const lines = bounds.map((bound, k) => {
    count += noiseInteger(i, 10 + k, 5000) + version * noiseInteger(i, 40 + k, 60)
    return `${name}_bucket{${labels},le="${bound}"} ${count}`
  })
  const sum = (count * (0.1 + noise(i, 80))) / 3 + noise(i, 90 + version)
  lines.push(`${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`)
  return lines
}
