import type { OperatorTable } from './operator.ts'
import { CONVOLUTION_OPERATORS } from './operators-convolution.ts'
import { ELEMENTWISE_OPERATORS } from './operators-elementwise.ts'
import { SHAPE_OPERATORS } from './operators-shape.ts'

/** Every TensorFlow operator that can be converted, by its name in a GraphDef. */
export const OPERATORS: OperatorTable = { ...ELEMENTWISE_OPERATORS, ...CONVOLUTION_OPERATORS, ...SHAPE_OPERATORS }
