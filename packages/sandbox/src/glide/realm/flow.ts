import type { Host, Scope } from './types.ts'

/** Defines `sn_fd.FlowAPI`: starts a flow by name and tells how it went. */
export function installFlow(scope: Scope, host: Host): void {
  const start = (type: string, name: unknown, inputs: unknown, foreground: boolean) =>
    host('startFlow', { type, name: String(name), inputs: inputs ?? {}, foreground }) as {
      contextId: string
      outputs: unknown
      error?: string
    }

  class ScriptableFlowRunner {
    #type = 'flow'
    #name = ''
    #inputs: Record<string, unknown> = {}
    #foreground = false

    flow(name: string): this {
      return this.#of('flow', name)
    }
    subflow(name: string): this {
      return this.#of('subflow', name)
    }
    action(name: string): this {
      return this.#of('action', name)
    }
    #of(type: string, name: string): this {
      this.#type = type
      this.#name = String(name)
      return this
    }
    inBackground(): this {
      this.#foreground = false
      return this
    }
    inForeground(): this {
      this.#foreground = true
      return this
    }
    withInputs(inputs: Record<string, unknown>): this {
      this.#inputs = inputs
      return this
    }
    addInput(name: string, value: unknown): this {
      this.#inputs[name] = value
      return this
    }
    timeout(): this {
      return this
    }
    quick(): this {
      return this
    }
    validateInputs(): this {
      return this
    }
    asUser(): this {
      return this
    }
    inDomain(): this {
      return this
    }
    run(): unknown {
      const { contextId, outputs } = start(this.#type, this.#name, this.#inputs, this.#foreground)
      const [type, name] = [this.#type, this.#name]
      return {
        getContextId: () => contextId,
        getOutputs: () => outputs,
        getFlowObjectName: () => name,
        getFlowObjectType: () => type,
        getDomainId: () => 'global'
      }
    }
  }

  scope.sn_fd = {
    FlowAPI: {
      getRunner: () => new ScriptableFlowRunner(),
      startFlow: (name: string, inputs: unknown) => start('flow', name, inputs, false).contextId,
      startSubflow: (name: string, inputs: unknown) => start('subflow', name, inputs, false).contextId,
      executeFlow: (name: string, inputs: unknown) => void start('flow', name, inputs, true),
      executeSubflow: (name: string, inputs: unknown) => start('subflow', name, inputs, true).outputs,
      getStatus: (id: unknown) => host('flowStatus', { id: String(id) }),
      getOutputs: (id: unknown) => host('flowOutputs', { id: String(id) }),
      getErrorMessage: (id: unknown) => host('flowError', { id: String(id) }),
      cancel: (id: unknown, reason: unknown) =>
        void host('cancelFlow', { id: String(id), reason: String(reason ?? '') })
    }
  }
}
