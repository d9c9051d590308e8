import { describe, expect, it } from '@jest/globals'
import { SingleFlight } from './single-flight.ts'

/** A read whose requests end when the test says so. */
function slow() {
  const requests: { resolve: (value: number) => void; reject: (error: Error) => void }[] = []
  const flight = new SingleFlight(
    () => new Promise<number>((resolve, reject) => void requests.push({ resolve, reject }))
  )
  return { flight, requests }
}

const settled = () => new Promise<void>(resolve => void setImmediate(resolve))

describe('a single flight', () => {
  it('sends one request for all calls that come while another is under way', async () => {
    const { flight, requests } = slow()
    const first = flight.get('a')
    const [second, third] = [flight.get('a'), flight.get('a')]
    await settled()
    expect(requests).toHaveLength(1)
    requests[0]?.resolve(1)
    expect(await first).toBe(1)
    await settled()
    expect(requests).toHaveLength(2)
    requests[1]?.resolve(2)
    expect(await Promise.all([second, third])).toEqual([2, 2])
    const fourth = flight.get('a')
    expect(requests).toHaveLength(3)
    requests[2]?.resolve(3)
    expect(await fourth).toBe(3)
  })

  it('fails the calls that share a failed request, not those that wait for the next', async () => {
    const { flight, requests } = slow()
    const first = flight.get('a')
    const second = flight.get('a')
    requests[0]?.reject(new Error('503'))
    await expect(first).rejects.toThrow('503')
    await settled()
    requests[1]?.resolve(2)
    expect(await second).toBe(2)
  })

  it('reads different keys in parallel', () => {
    const { flight, requests } = slow()
    void flight.get('a')
    void flight.get('b')
    expect(requests).toHaveLength(2)
  })
})
