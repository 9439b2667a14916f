import type { Attribute, OnnxGraph } from '../onnx/writer.ts'
import {
  inputAt,
  integersOf,
  type OperatorContext,
  type OperatorTable,
  scalarAt,
  textOf,
  textsOf,
  unsupported,
} from './operator.ts'
import { writeRelu6 } from './operators-elementwise.ts'
import { NCHW_AXIS, type Value } from './values.ts'
import { permuteAxes, type Weight } from './weights.ts'

const ACTIVATIONS: Readonly<Record<string, ((graph: OnnxGraph, input: string) => string) | undefined>> = {
  Relu: (graph, input) => graph.op('Relu', [input]),
  Relu6: writeRelu6,
  Sigmoid: (graph, input) => graph.op('Sigmoid', [input]),
}

/** Filters [height, width, in, out] -> ONNX [out, in, height, width]. */
const denseFilters = (weight: Weight): Weight => permuteAxes(weight, [3, 2, 0, 1])

/** Filters [height, width, in, multiplier] -> ONNX [in * multiplier, 1, height, width], one group per input channel. */
function depthwiseFilters(weight: Weight): Weight {
  const [height = 1, width = 1, channels = 1, multiplier = 1] = weight.shape
  return { ...permuteAxes(weight, [2, 3, 0, 1]), shape: [channels * multiplier, 1, height, width] }
}

/** A convolution with what TensorFlow fused into it: a bias, then an activation. */
function convolve(context: OperatorContext, depthwise: boolean): Value {
  const { values, graph, attr, node } = context
  if (attr.data_format !== undefined && textOf(attr.data_format) !== 'NHWC') throw unsupported(node, 'outside NHWC')
  const weight = values.weight(inputAt(context, 1))
  const filters = depthwise ? depthwiseFilters(weight) : denseFilters(weight)
  const [bias, ...activations] = textsOf(attr.fused_ops)
  if (bias !== undefined && bias !== 'BiasAdd') throw unsupported(node, `fused with ${bias}`)

  const operands = [values.read(inputAt(context, 0), 'nchw'), graph.init(filters.type, filters.shape, filters.data)]
  if (bias !== undefined) operands.push(values.read(inputAt(context, 2)))
  const group = depthwise ? (weight.shape[2] ?? 1) : 1
  const convolved = graph.op('Conv', operands, { ...windowOf(context, weight.shape.slice(0, 2)), group })
  const name = activations.reduce((input, activation) => {
    const write = ACTIVATIONS[activation]
    if (write === undefined) throw unsupported(node, `fused with ${activation}`)
    return write(graph, input)
  }, convolved)
  return { name, layout: 'nchw', type: 'float32' }
}

/** Kernel, strides and padding. TensorFlow's SAME puts the odd pixel at the end, as ONNX's SAME_UPPER does. */
function windowOf({ attr, node }: OperatorContext, kernel: readonly number[]): Record<string, Attribute> {
  const padding = textOf(attr.padding)
  if (padding !== 'SAME' && padding !== 'VALID') throw unsupported(node, `with padding ${padding}`)
  const dilations = integersOf(attr.dilations).slice(1, 3)
  return {
    kernel_shape: kernel,
    strides: integersOf(attr.strides).slice(1, 3),
    auto_pad: padding === 'SAME' ? 'SAME_UPPER' : 'VALID',
    ...(dilations.length > 0 && { dilations }),
  }
}

function pool(onnxOp: string) {
  return (context: OperatorContext): Value => {
    const input = context.values.read(inputAt(context, 0), 'nchw')
    const window = windowOf(context, integersOf(context.attr.ksize).slice(1, 3))
    return { name: context.graph.op(onnxOp, [input], window), layout: 'nchw', type: 'float32' }
  }
}

function resizeBilinear(context: OperatorContext): Value {
  const { values, graph, attr } = context
  const input = values.read(inputAt(context, 0), 'nchw')
  const batchAndChannels = graph.op('Shape', [input], { start: 0, end: 2 })
  const size = graph.i64(values.numbers(inputAt(context, 1)))
  const shape = graph.op('Concat', [batchAndChannels, size], { axis: 0 })
  const halfPixel = attr.half_pixel_centers?.b ? 'half_pixel' : 'asymmetric'
  const name = graph.op('Resize', [input, '', '', shape], {
    mode: 'linear',
    coordinate_transformation_mode: attr.align_corners?.b ? 'align_corners' : halfPixel,
  })
  return { name, layout: 'nchw', type: 'float32' }
}

/** Averages over axes of a picture that is kept four-dimensional (squeeze-and-excite). */
function mean(context: OperatorContext): Value {
  if (!context.attr.keep_dims?.b) throw unsupported(context.node, 'that drops axes')
  const axes = context.values.numbers(inputAt(context, 1)).map((axis) => NCHW_AXIS.at(axis) ?? axis)
  const input = context.values.read(inputAt(context, 0), 'nchw')
  return { name: context.graph.op('ReduceMean', [input], { axes, keepdims: 1 }), layout: 'nchw', type: 'float32' }
}

/** Joins pictures; the axis is the last input. */
function concatenate(context: OperatorContext): Value {
  const { values, graph } = context
  const parts = context.inputs.slice(0, -1)
  const axis = scalarAt(context, -1)
  const nchw = parts.some((ref) => values.layoutOf(ref) === 'nchw')
  const layout = nchw ? 'nchw' : 'plain'
  const names = parts.map((ref) => values.read(ref, layout))
  const onnxAxis = nchw ? (NCHW_AXIS.at(axis) ?? axis) : axis
  return { name: graph.op('Concat', names, { axis: onnxAxis }), layout, type: values.typeOf(inputAt(context, 0)) }
}

/** Operators on pictures, which are kept NCHW. */
export const CONVOLUTION_OPERATORS: OperatorTable = {
  Conv2D: (context) => convolve(context, false),
  _FusedConv2D: (context) => convolve(context, false),
  DepthwiseConv2dNative: (context) => convolve(context, true),
  FusedDepthwiseConv2dNative: (context) => convolve(context, true),
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  ResizeBilinear: resizeBilinear,
  Mean: mean,
  ConcatV2: concatenate,
}
