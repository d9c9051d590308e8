/** What the picture of the dashboard shows: the files of monitoring/, and which measures the steps send. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readDashboard } from './model.ts'
import { perform, type Sent } from './runs.ts'
import { oneOfEach } from './week.ts'

const RULES = join(import.meta.dirname, '../../../monitoring/prometheus-rules.yaml')

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface Body {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[]
  }[]
}

type Data = { readonly dataPoints: readonly { readonly attributes: readonly Attribute[] }[] }
type Kind = 'histogram' | 'sum' | 'gauge'
type Metric = { readonly name: string; readonly unit: string } & Readonly<Partial<Record<Kind, Data>>>

/** The same text until one of them changes. Takes some seconds. @throws Error when a run ends in another way than it should */
export async function dashboardShown(): Promise<string> {
  const rules: unknown = parse(readFileSync(RULES, 'utf8'))
  const series = [...new Set((await perform(oneOfEach())).flatMap(seriesIn))].sort()
  return JSON.stringify({ dashboard: readDashboard(), rules, series })
}

/** The series to which a request adds values: name, unit, kind and attributes. */
function seriesIn({ body }: Sent): string[] {
  const { resourceMetrics } = JSON.parse(body) as Body
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const common = textOf(resource.attributes)
    return scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(one => namesOf(one, common)))
  })
}

function namesOf({ name, unit, ...data }: Metric, common: string): string[] {
  return (['histogram', 'sum', 'gauge'] as const).flatMap(kind => {
    const points = data[kind]?.dataPoints ?? []
    return points.map(({ attributes }) => `${kind} ${name} ${unit} ${textOf(attributes)} ${common}`)
  })
}

function textOf(attributes: readonly Attribute[] = []): string {
  const texts = attributes.map(({ key, value }) => `${key}=${Object.values(value).join()}`)
  return `{${texts.sort().join()}}`
}
