import { encodeModel, type Graph, type GraphNode, type Model, type Named, renameConstant } from './graph.ts'
import { createMessage } from './protobuf.ts'
import { type DataType, type Dimension, valueMessage } from './writer.ts'

/** A graph without what depends on one input alone, and that as a graph of its own. Both are ready to be loaded. */
export interface SplitGraph {
  /** From the input to the values that the rest needs of it. */
  readonly once: Uint8Array
  /** @param values all outputs of `once`, which are inputs here; their types are only known when it was loaded. */
  rest(values: readonly TypedValue[]): Uint8Array
}

export interface TypedValue {
  readonly name: string
  readonly type: DataType
  readonly dims: readonly Dimension[]
}

/** Operators that give something else each time. */
const RANDOM = /^(?:Random|Multinomial|Bernoulli|Dropout)/

/** What is known of a value before the rest of the graph runs. */
interface Origin {
  /** It depends on the input, and is no mere constant. */
  readonly isVarying: boolean
  /** What computes it; it is there from the beginning if nothing does. */
  readonly made?: { readonly node: GraphNode; readonly output: number; readonly scope: Scope }
  /** A constant of a branch, whose name may mean something else in another one. */
  readonly constant?: Named
}

/** The values that are known in a graph and in those around it. */
type Scope = (name: string) => Origin | undefined

/** Says that the rest needs a value that depends on the input, and gives the name under which it will find it. */
type Need = (name: string, scope: Scope) => string

/**
 * Splits a graph into what depends on `input` and constants alone, and the rest. A decoder that runs for every token
 * and is shown the same picture each time then computes what it makes of the picture once: loop-invariant code motion.
 * Branches are looked into, and what several of them compute alike is computed once. Results stay what they were.
 * @returns undefined when the graph computes nothing from the input alone.
 */
export function splitGraph({ graph, rest }: Model, input: string): SplitGraph | undefined {
  const once = createOnce()
  const needed = new Set<string>()
  const known = new Map(graph.constants.map(({ name }): [string, Origin] => [name, { isVarying: false }]))
  known.set(input, { isVarying: true })
  const remaining = leaveRest(
    graph,
    (name) => known.get(name),
    (name, scope) => {
      const value = once.compute(name, scope)
      needed.add(value)
      return value
    },
  )
  if (needed.size === 0) return undefined

  const used = new Set(namesUsedBy(remaining))
  const outputs = [...needed].map((name) => ({ name, bytes: createMessage().string(1, name).encode() }))
  const constants = [...graph.constants.filter(({ name }) => once.used.has(name)), ...once.constants]
  const inputs = graph.inputs.filter(({ name }) => name === input)
  return {
    once: encodeModel({ graph: { nodes: once.nodes, inputs, outputs, constants }, rest }),
    rest: (values) => {
      const given = values.map(({ name, type, dims }) => ({ name, bytes: valueMessage(name, type, dims).encode() }))
      const others = graph.inputs.filter(({ name }) => name !== input || used.has(name))
      return encodeModel({ graph: { ...remaining, inputs: [...others, ...given] }, rest })
    },
  }
}

/** The graph without the nodes whose values are known and vary; what it needs of them it asks for. */
function leaveRest(graph: Graph, around: Scope, need: Need): Graph {
  const known = new Map<string, Origin>()
  const scope: Scope = (name) => known.get(name) ?? around(name)
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  const nodes: GraphNode[] = []
  for (const node of graph.nodes) {
    const origins = node.inputs.filter(Boolean).map(scope)
    const isVarying = origins.some((origin) => origin?.isVarying)
    if (canBeMoved(node) && origins.every(Boolean) && !node.outputs.some((name) => outputs.has(name))) {
      for (const [output, name] of node.outputs.entries()) known.set(name, { isVarying, made: { node, output, scope } })
      if (isVarying) continue
    }
    nodes.push({
      ...node,
      inputs: node.inputs.map((name) => (isMoved(scope(name)) ? need(name, scope) : name)),
      branches: node.branches.map((branch) => {
        const own = new Map(
          branch.graph.constants.map((constant): [string, Origin] => [constant.name, { isVarying: false, constant }]),
        )
        return { ...branch, graph: leaveRest(branch.graph, (name) => own.get(name) ?? scope(name), need) }
      }),
    })
  }
  const used = new Set([...namesUsedBy({ ...graph, nodes }), ...outputs])
  return { ...graph, nodes, constants: graph.constants.filter(({ name }) => used.has(name)) }
}

const canBeMoved = ({ type, branches }: GraphNode) => branches.length === 0 && !RANDOM.test(type)
const isMoved = (origin: Origin | undefined) => origin?.isVarying === true && origin.made !== undefined

function namesUsedBy({ nodes }: Graph): string[] {
  return nodes.flatMap(({ inputs, branches }) => [...inputs, ...branches.flatMap(({ graph }) => namesUsedBy(graph))])
}

/** The graph that computes what is asked for, and each thing once. */
function createOnce() {
  const nodes: GraphNode[] = []
  const constants: Named[] = []
  /** Names of the whole graph that occur. */
  const used = new Set<string>()
  const known = new Map<string, readonly string[]>()

  const compute = (name: string, scope: Scope): string => {
    const { made, constant } = scope(name) ?? {}
    if (made) return computeAll(made.node, made.scope)[made.output] ?? ''
    if (constant) return keep(constant)
    used.add(name)
    return name
  }
  const computeAll = (node: GraphNode, scope: Scope): readonly string[] => {
    const inputs = node.inputs.map((name) => name && compute(name, scope))
    return knownOr(JSON.stringify([inputs, Buffer.from(node.rest).toString('latin1')]), (fresh) => {
      const outputs = node.outputs.map((name, index) => name && `${fresh}.${index}`)
      nodes.push({ ...node, inputs, outputs })
      return outputs
    })
  }
  const keep = (constant: Named): string => {
    const content = Buffer.from(renameConstant(constant, '').bytes).toString('latin1')
    const [name = ''] = knownOr(content, (fresh) => {
      constants.push(renameConstant(constant, fresh))
      return [fresh]
    })
    return name
  }
  const knownOr = (key: string, make: (fresh: string) => readonly string[]): readonly string[] => {
    const names = known.get(key) ?? make(`once/${known.size}`)
    known.set(key, names)
    return names
  }
  return { nodes, constants, used, compute }
}
