import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeWeights, type Weight, type WeightEntry } from './weights.ts'

/** One attribute of a TensorFlow node, as protobuf's JSON mapping writes it: 64-bit integers and enums are strings. */
export interface NodeAttribute {
  readonly s?: string
  readonly i?: string | number
  readonly b?: boolean
  readonly type?: string
  readonly list?: { readonly i?: readonly (string | number)[]; readonly s?: readonly string[] }
  readonly shape?: TensorShape
}

export interface GraphNode {
  readonly name: string
  readonly op: string
  readonly input?: readonly string[]
  readonly attr?: Readonly<Record<string, NodeAttribute>>
}

interface TensorShape {
  readonly dim?: readonly { readonly size: string | number }[]
}

interface SignatureEntry {
  readonly name: string
  readonly tensorShape?: TensorShape
}

interface GraphModelJson {
  readonly modelTopology: { readonly node: readonly GraphNode[] }
  readonly signature?: { readonly outputs?: Readonly<Record<string, SignatureEntry>> }
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[]
}

/** A TensorFlow.js graph model in memory: a TensorFlow GraphDef and its weights. */
export interface GraphModel {
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly weights: ReadonlyMap<string, Weight>
  /** Shapes of the declared outputs by node name; a free dimension is -1. */
  readonly outputShapes: ReadonlyMap<string, readonly number[]>
}

/** Reads `model.json` and the weight files that it names, which lie beside it. */
export async function loadGraphModel(jsonPath: string): Promise<GraphModel> {
  const json: GraphModelJson = JSON.parse(await readFile(jsonPath, 'utf8'))
  const weights = new Map<string, Weight>()
  for (const group of json.weightsManifest) {
    const shards = await Promise.all(group.paths.map((path) => readFile(join(dirname(jsonPath), path))))
    for (const [name, weight] of decodeWeights(group.weights, Buffer.concat(shards))) weights.set(name, weight)
  }
  const declared = Object.values(json.signature?.outputs ?? {})
  return {
    nodes: new Map(json.modelTopology.node.map((node) => [node.name, node])),
    weights,
    outputShapes: new Map(declared.map(({ name, tensorShape }) => [parseRef(name).node, shapeOf(tensorShape)])),
  }
}

/** Dimensions as numbers; -1 is free. */
export function shapeOf(shape: TensorShape | undefined): number[] {
  return (shape?.dim ?? []).map(({ size }) => Number(size))
}

/** Splits `node:1` into the node and the index of its output. */
export function parseRef(ref: string): { readonly node: string; readonly output: number } {
  const colon = ref.lastIndexOf(':')
  return colon < 0 ? { node: ref, output: 0 } : { node: ref.slice(0, colon), output: Number(ref.slice(colon + 1)) }
}
