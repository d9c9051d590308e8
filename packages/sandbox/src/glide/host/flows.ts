import { type Operation, textOf } from './run-context.ts'

/** What `sn_fd.FlowAPI` asks for. */
export const FLOW_OPERATIONS: Readonly<Record<string, Operation>> = {
  startFlow: ({ flows, actor, runFlow }, args) => {
    const [type, name] = [textOf(args, 'type'), textOf(args, 'name')]
    return args.foreground
      ? flows.runInForeground(actor, type, name, args.inputs, runFlow)
      : flows.startInBackground(actor, type, name, args.inputs)
  },
  flowStatus: ({ flows }, args) => flows.status(textOf(args, 'id')),
  flowOutputs: ({ flows }, args) => flows.outputs(textOf(args, 'id')),
  flowError: ({ flows }, args) => flows.context(textOf(args, 'id'))?.error_message ?? '',
  cancelFlow: ({ flows }, args) => flows.cancel(textOf(args, 'id'), textOf(args, 'reason'))
}
