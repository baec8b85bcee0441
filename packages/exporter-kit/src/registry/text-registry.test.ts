import { encodeUtf8, parseTextFamilies } from '@promline/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CollectedFamily, registerCollected } from './collected-metrics.js'
import { createTextRegistry } from './text-registry.js'

function registryOf(...families: CollectedFamily[]) {
  const registry = createTextRegistry()
  registerCollected(registry, families)
  return registry
}

test('is empty without metrics', async () => {
  const registry = createTextRegistry()
  expect(registry.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await registry.metrics()).toBe('')
})

test('shows families in their order, with the values as of the collection, in the format of Go', async () => {
  let value = 1
  const registry = registryOf(
    { name: 'rate', help: 'A rate.\nA back\\slash.', type: 'gauge', values: () => [{ value: value++, labels: {} }] },
    { name: 'none', help: 'No series.', type: 'gauge', values: () => [] },
    {
      name: 'calls_total',
      help: 'Calls.',
      type: 'counter',
      values: () => [
        { value: 2_500_000, labels: { path: 'C:\\"x"\n', code: '200' } },
        { value: Number.POSITIVE_INFINITY, labels: { path: '', code: '500' } },
      ],
    },
  )
  const page = (rate: number): string => String.raw`# HELP rate A rate.\nA back\\slash.
# TYPE rate gauge
rate ${rate}
# HELP none No series.
# TYPE none gauge
# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{path="C:\\\"x\"\n",code="200"} 2.5e+06
calls_total{path="",code="500"} +Inf
`
  expect(await registry.metrics()).toBe(page(1))
  expect(await registry.metrics()).toBe(page(2))
})

test('refuses a name that is taken, and takes it again when it was given back', async () => {
  const registry = registryOf()
  const family: CollectedFamily = { name: 'x', help: 'X.', type: 'gauge', values: () => [{ value: 1, labels: {} }] }
  const unregister = registerCollected(registry, [family])
  expect(() => registerCollected(registry, [family])).toThrow('there is a metric x already')
  unregister()
  expect(await registry.metrics()).toBe('')
  registerCollected(registry, [family])
  expect(await registry.metrics()).toContain('\nx 1\n')
})

test('every value, help and label value is read back as it was', async () => {
  const text = fc.string({ unit: 'binary' })
  await fc.assert(
    fc.asyncProperty(fc.double(), text, text, async (value, help, label) => {
      const registry = registryOf({ name: 'x', help, type: 'gauge', values: () => [{ value, labels: { label } }] })
      const [family] = parseTextFamilies(encodeUtf8(await registry.metrics()), { mode: 'strict' })
      expect(family!.samples[0]!.value).toBe(value)
      expect(family!.samples[0]!.labels.get('label') ?? '').toBe(label)
    }),
  )
})
