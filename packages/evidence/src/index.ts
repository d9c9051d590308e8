export { contentTypeOf } from './content-type.ts'
export { describeEvidence } from './describe.ts'
