// Made by `npm run data-worker` from program.ts. A test says when that is due.
export const workerSource = `/* The random numbers are drawn by a generator of another work:
 * A port of an algorithm by Johannes Baagøe <baagoe@baagoe.com>, 2010
 * http://baagoe.com/en/RandomMusings/javascript/
 * https://github.com/nquinlan/better-random-numbers-for-javascript-mirror
 * Original work is under MIT license -
 *
 * Copyright (C) 2010 by Johannes Baagøe <baagoe@baagoe.org>
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy
 * of this software and associated documentation files (the "Software"), to deal
 * in the Software without restriction, including without limitation the rights
 * to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
 * copies of the Software, and to permit persons to whom the Software is
 * furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in
 * all copies or substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
 * IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
 * FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
 * AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
 * THE SOFTWARE.
*/
"use strict";(()=>{var Ce=Object.create;var kt=Object.defineProperty;var Ne=Object.getOwnPropertyDescriptor;var ze=Object.getOwnPropertyNames;var Be=Object.getPrototypeOf,_e=Object.prototype.hasOwnProperty;var Je=(t,e)=>()=>(e||t((e={exports:{}}).exports,e),e.exports);var Le=(t,e,r,n)=>{if(e&&typeof e=="object"||typeof e=="function")for(let o of ze(e))!_e.call(t,o)&&o!==r&&kt(t,o,{get:()=>e[o],enumerable:!(n=Ne(e,o))||n.enumerable});
return t};var Ge=(t,e,r)=>(r=t!=null?Ce(Be(t)):{},Le(e||!t||!t.__esModule?kt(r,"default",{value:t,enumerable:!0}):r,t));var vt=Je((jt,ct)=>{(function(t,e,r){function n(m){var a=this,u=s();a.next=function(){var c=2091639*a.s0+a.c*23283064365386963e-26;return a.s0=a.s1,a.s1=a.s2,a.
s2=c-(a.c=c|0)},a.c=1,a.s0=u(" "),a.s1=u(" "),a.s2=u(" "),a.s0-=u(m),a.s0<0&&(a.s0+=1),a.s1-=u(m),a.s1<0&&(a.s1+=1),a.s2-=u(m),a.s2<0&&(a.s2+=1),u=null}function o(m,a){
return a.c=m.c,a.s0=m.s0,a.s1=m.s1,a.s2=m.s2,a}function i(m,a){var u=new n(m),c=a&&a.state,f=u.next;return f.int32=function(){return u.next()*4294967296|0},f.double=
function(){return f()+(f()*2097152|0)*11102230246251565e-32},f.quick=f,c&&(typeof c=="object"&&o(c,u),f.state=function(){return o(u,{})}),f}function s(){var m=4022871197,
a=function(u){u=String(u);for(var c=0;c<u.length;c++){m+=u.charCodeAt(c);var f=.02519603282416938*m;m=f>>>0,f-=m,f*=m,m=f>>>0,f-=m,m+=f*4294967296}return(m>>>0)*
23283064365386963e-26};return a}e&&e.exports?e.exports=i:r&&r.amd?r(function(){return i}):this.alea=i})(jt,typeof ct=="object"&&ct,typeof define=="function"&&define)});function Rt(t){let{process:e}=globalThis;return e?.getBuiltinModule?.(t)}var K=class extends Error{name="StridenetError"},I=class extends K{name="ShapeError"},g=class extends K{name="ArgumentError"};var pt=Ge(vt(),1);var F=32n,W=1n<<F,lt=2091639n,Et=lt*W**3n-1n,Ve=lt*W*W,ft=2**32;function Ft({c:t,s0:e,s1:r,s2:n},o){let i=[e,r,n].map(l=>l*ft);if(![...i,t].every(l=>Number.isInteger(
l)&&l>=0)||t>=Number(lt)||i.some(l=>l>=ft))return null;let[s,m,a]=i.map(BigInt),u=s+(m<<F)+(a<<2n*F)+(BigInt(t)<<3n*F),c=Ve;for(let l=BigInt(o);l>0n;l>>=1n)l&1n&&
(u=u*c%Et),c=c*c%Et;let f=l=>Number((u>>l*F)%W)/ft;return{c:Number(u>>3n*F),s0:f(0n),s1:f(1n),s2:f(2n)}}var B=class{#t;constructor(e){this.#t=(0,pt.default)(e,{state:!0})}uniform(){return this.#t()}integer(e){return Math.floor(this.#t()*e)}bits(){return this.#t.int32()}skip(e){
let r=Ft(this.state,e);if(r!==null)this.state=r;else for(let n=0;n<e;n++)this.#t()}normal(){return Math.sqrt(-2*Math.log(1-this.#t()))*Math.cos(2*Math.PI*this.#t())}shuffle(e){
for(let r=e.length-1;r>0;r--){let n=this.integer(r+1),o=e[r];e[r]=e[n],e[n]=o}return e}get state(){return this.#t.state()}set state(e){this.#t=(0,pt.default)("",
{state:e})}},dt=class{#t="0";#e=new Map;restarts=0;reseed(e){this.#t=e,this.#e.clear(),this.restarts++}stream(e){let r=this.#e.get(e);return r===void 0&&(r=new B(
\`\${this.#t}/\${e}\`),this.#e.set(e,r)),r}state(){return{seed:this.#t,streams:Object.fromEntries([...this.#e].map(([e,r])=>[e,r.state]))}}restore({seed:e,streams:r}){
this.reseed(e);for(let[n,o]of Object.entries(r))this.stream(n).state=o}},sr=new dt;var Ye=Float32Array.from({length:256},(t,e)=>e/255);function Pt(t,e=new Float32Array(t.length)){if(t.length!==e.length)throw new I(\`toFloat: \${t.length} pixel v\\
alues do not fill an image of \${e.length}.\`);if(t instanceof Float32Array)return e.set(t),e;let r=Ye;for(let n=0;n<t.length;n++)e[n]=r[t[n]];return e}var Z=class{constructor(e,r,n){this.shape=e;this.transform=r;this.last=n}shape;transform;last;#t=[];stack(e,{indices:r,seed:n,place:o}){let{transform:i,last:s}=this,
m=new B(n),[a,u,c]=this.shape,f=a*u*c,l=this.shape,p=f,d=this.#e(r.length*p),h;for(let b=0;b<r.length;b++){let w=h??d.subarray(b*p,(b+1)*p),x={data:Pt(e(b),w),channels:a,
height:u,width:c};i&&(x=i(x,m,{...o,index:r[b]})),s&&(x=s(x,m)),b===0&&(l=[x.channels,x.height,x.width],p=l[0]*l[1]*l[2],p!==f&&(h=new Float32Array(f),d=this.#e(
r.length*p))),qe(x,l,r[b],r[0]),(x.data!==w||h!==void 0)&&d.set(x.data,b*p)}return{pixels:d,shape:l}}reuse(e){this.#t.length<4&&this.#t.push(e)}takeSpare(){return this.#t.
pop()}#e(e){let r=this.#t.pop();return r!==void 0&&r.length>=e?r:new Float32Array(e)}};function qe(t,e,r,n){let{data:o,channels:i,height:s,width:m}=t;if(o.length!==
i*s*m)throw new I(\`DataLoader: image \${r} has \${o.length} values after the transforms, but says it is [\${i}, \${s}, \${m}].\`);if(i!==e[0]||s!==e[1]||m!==e[2])throw new I(
\`DataLoader: image \${r} is [\${i}, \${s}, \${m}] after the transforms, but image \${n} of the same batch is [\${e.join(", ")}]. Crop or resize them to one shape.\`)}function Ct(t,e){let r=[...e],n=[],o=Math.max(2,Math.floor(t.length/2));for(let i of r){let s=De(t.toLowerCase(),i.toLowerCase());s<o&&(n=[]),s<=o&&(o=s,n.push(
i))}return n.length>0||t.length<3?n:r.filter(i=>i.toLowerCase().startsWith(t.toLowerCase()))}function De(t,e){let r=Array.from({length:e.length+1},(n,o)=>o);for(let n=1;n<=
t.length;n++){let o=[n];for(let i=1;i<=e.length;i++){let s=r[i-1]+(t[n-1]===e[i-1]?0:1);o.push(Math.min(s,r[i]+1,o[i-1]+1))}r=o}return r[e.length]}function S(t,e,r){if(typeof e!="object"||e===null)throw new g(\`\${t}: the options are \${String(e)}, but must be an object of \${r.join(", ")}.\`);for(let n of Object.
keys(e)){if(r.includes(n))continue;let o=Ct(n,r).map(s=>\`'\${s}'\`),i=o.length>0?\`Did you mean \${o.join(" or ")}?\`:\`The options are \${r.join(", ")}.\`;throw new g(
\`\${t}: there is no option '\${n}'. \${i}\`)}}function $(t,e,r,n){if(Nt(r,n))return r;throw new g(\`\${t}: \${e} is \${JSON.stringify(r)}, but must be [least, most] within \${n[0]} and \${n[1]}.\`)}function k(t,e,r,n,o){
if(typeof r!="number")return $(t,e,r,o);let i=[Math.max(o[0],n-r),n+r];if(r>=0&&Nt(i,o))return i;throw new g(\`\${t}: \${e} is \${r}, but must be a number from 0 to\\
 \${o[1]-n}, or [least, most] within \${o[0]} and \${o[1]}.\`)}function Nt(t,e){return!Array.isArray(t)||t.length!==2?!1:t[0]>=e[0]&&t[0]<=t[1]&&t[1]<=e[1]}function M(t,[
e,r]){return e+(r-e)*t.uniform()}function v(t,e){if(e>=0&&e<=1)return e;throw new g(\`\${t}: p is \${e}, but must lie between 0 and 1.\`)}var A=class{#t=new Float32Array(0);beside(e,r=e.length){return(this.#t.length!==r||this.#t===e)&&(this.#t=new Float32Array(r)),this.#t}};function y(t,e,r){return Object.assign(r,{spec:{name:t,parts:[],options:e}})}function zt(t,e,r,n){let o=e.map(i=>i.spec);return o.every(i=>i!==void 0)?Object.assign(
n,{spec:{name:t,parts:o,options:r}}):n}function Q(t,e,r){if(r==="zero"||r==="reflect"||r==="replicate")return r;throw new g(\`\${t}: \${e} is '\${r}', but must be one of 'zero', 'reflect', 'replicate'.\`)}
function E(t,e,r){if(t>=0&&t<e)return t;if(r==="zero")return-1;if(r==="replicate"||e===1)return t<0?0:e-1;let n=2*(e-1),o=(t%n+n)%n;return o<e?o:n-o}var P=["interpolation","padding","fill"];function H(t,e){let{interpolation:r="bilinear",padding:n="zero",fill:o=0}=e;if(r!=="bilinear"&&r!=="nearest")throw new g(
\`\${t}: interpolation is '\${r}', but must be 'bilinear' or 'nearest'.\`);if(Q(t,"padding",n),![o].flat().every(Number.isFinite))throw new g(\`\${t}: fill is \${JSON.
stringify(o)}, but must be finite.\`)}function tt(t,e,r,n){let{data:o,channels:i,height:s,width:m}=t,{interpolation:a="bilinear",padding:u="zero",fill:c=0}=r,f=typeof c==
"number"?new Array(i).fill(c):c;if(f.length!==i)throw new I(\`fill has \${f.length} values, but the image has \${i} channels. Give one a channel, or a number.\`);let l=n.
beside(o),p=s*m,[d,h]=[(m-1)/2,(s-1)/2],[b,w,x,G,V,Y]=Xe(e,m,s),j=a==="nearest";for(let T=0;T<s;T++)for(let O=0;O<m;O++){let at=b*(O-d)+w*(T-h)+x+d,st=G*(O-d)+V*
(T-h)+Y+h,Ee=T*m+O,it=j?Math.round(at):Math.floor(at),mt=j?Math.round(st):Math.floor(st),ut=j?0:at-it,xt=j?0:st-mt,C=E(it,m,u),N=E(mt,s,u),q=ut===0?C:E(it+1,m,u),
D=xt===0?N:E(mt+1,s,u),St=C<0||N<0?-1:N*m+C,It=q<0||N<0?-1:N*m+q,Mt=C<0||D<0?-1:D*m+C,At=q<0||D<0?-1:D*m+q;for(let X=0;X<i;X++){let z=X*p,U=f[X],$t=St<0?U:o[z+St],
Fe=It<0?U:o[z+It],Tt=Mt<0?U:o[z+Mt],Pe=At<0?U:o[z+At],Ot=$t+(Fe-$t)*ut;l[z+Ee]=Ot+(Tt+(Pe-Tt)*ut-Ot)*xt}}return{data:l,channels:i,height:s,width:m}}function Xe(t,e,r){
let{angle:n=0,translate:o=[0,0],scale:i=1,shear:s=[0,0],about:m="center"}=t,a=n*Math.PI/180,[u,c]=[Math.cos(a),Math.sin(a)],[f,l]=[Math.tan(s[0]*Math.PI/180),Math.
tan(s[1]*Math.PI/180)],[p,d]=[u+c*l,c-u*l],[h,b]=[-c-p*f,u-d*f],[w,x,G,V]=[b/i,-h/i,-d/i,p/i],[Y,j]=m==="corner"?[-e/2,-r/2]:[0,0],[T,O]=[Y+o[0],j+o[1]];return[
w,x,Y-w*T-x*O,G,V,j-G*T-V*O]}var _t=[-360,360],Bt=[-89,89];function Jt(t){return S("randomAffine",t,["degrees","translate","scale","shear",...P]),ht("randomAffine",[t],t)}function Lt(t,e={}){
S("randomRotation",e,P);let[r,n]=k("randomRotation","degrees",t,0,_t);return ht("randomRotation",[t,e],{...e,degrees:[-n,-r]})}function Gt(t,e={}){return S("ran\\
domScale",e,P),ht("randomScale",[t,e],{...e,scale:t})}function ht(t,e,r){let{degrees:n=0,translate:o=0,scale:i=[1,1],shear:s=0}=r,m=k(t,"degrees",n,0,_t),a=typeof o==
"number"?[o,o]:o;if(a.length!==2||!a.every(p=>p>=0&&p<=1))throw new g(\`\${t}: translate is \${JSON.stringify(o)}, but must be a share of the image between 0 and 1\\
, or [horizontal, vertical].\`);$(t,"scale",i,[.001,1e3]);let u=typeof s!="number"&&s.length===4,c=k(t,"shear",u?[s[0],s[1]]:s,0,Bt),f=k(t,"shear",u?[s[2],s[3]]:
0,0,Bt);H(t,r);let l=new A;return y(t,e,(p,d)=>{let h=M(d,m),b=Math.round(p.width*M(d,[-a[0],a[0]])),w=Math.round(p.height*M(d,[-a[1],a[1]])),x={angle:h,translate:[
b,w],scale:M(d,i),shear:[M(d,c),M(d,f)]};return tt(p,x,r,l)})}function et(t,e){let{data:r}=t;for(let n=0;n<r.length;n++)r[n]=bt(e*r[n]);return t}function rt(t,e){let{data:r}=t,n=qt("contrast",t),o=0;for(let s=0;s<n.length;s++)
o+=n[s];let i=(1-e)*(o/n.length);for(let s=0;s<r.length;s++)r[s]=bt(e*r[s]+i);return t}function _(t,e){let{data:r,channels:n}=t,o=qt("saturation",t);if(n===1)return t;
let i=o.length;for(let s=0;s<i;s++){let m=(1-e)*o[s];for(let a=s;a<r.length;a+=i)r[a]=bt(e*r[a]+m)}return t}function Vt(t,e){let{data:r,channels:n,height:o,width:i}=t;
if(Dt("hue",t),n===1)return t;let s=o*i;for(let m=0;m<s;m++){let a=r[m],u=r[m+s],c=r[m+2*s],f=Math.max(a,u,c),l=f-Math.min(a,u,c);if(l===0)continue;let d=(f===a?
(u-c)/l:f===u?2+(c-a)/l:4+(a-u)/l)+6*e;r[m]=f-l*gt(d+5),r[m+s]=f-l*gt(d+3),r[m+2*s]=f-l*gt(d+1)}return t}function Yt(t){return _(t,0)}function qt(t,e){let{data:r,
channels:n,height:o,width:i}=e;if(Dt(t,e),n===1)return r;let s=o*i,m=new Float32Array(s);for(let a=0;a<s;a++)m[a]=.2989*r[a]+.587*r[a+s]+.114*r[a+2*s];return m}
function Dt(t,{channels:e}){if(e!==1&&e!==3)throw new I(\`\${t}: the image has \${e} channels, but colors need 3 (red, green, blue), or 1 (gray).\`)}function gt(t){
let e=t-6*Math.floor(t/6);return Math.max(0,Math.min(e,4-e,1))}function bt(t){return t<0?0:t>1?1:t}function Xt(t){S("colorJitter",t,["brightness","contrast","saturation","hue"]);let{brightness:e=0,contrast:r=0,saturation:n=0,hue:o=0}=t,i=(a,u)=>k("colorJitter",
a,u,1,[0,1e3]),m=[[et,i("brightness",e),1],[rt,i("contrast",r),1],[_,i("saturation",n),1],[Vt,k("colorJitter","hue",o,0,[-.5,.5]),0]].filter(([,[a,u],c])=>a!==c||
u!==c);return y("colorJitter",[t],(a,u)=>{let c=u.shuffle(m.map((f,l)=>l));for(let f of c){let[l,p]=m[f];l(a,M(u,p))}return a})}function Ut(t=.1){return v("rand\\
omGrayscale",t),y("randomGrayscale",[t],(e,r)=>r.uniform()<t?Yt(e):e)}function Kt(...t){return zt("compose",t,[],(e,r,n)=>{let o=e;for(let i of t)o=i(o,r,n);return o})}function Zt(t){if(t==null||typeof t=="boolean")return String(t);if(typeof t=="number")return\`the number \${t}\`;if(typeof t=="bigint")return\`the bigint \${t}n\`;if(typeof t==
"string")return\`'\${t.length>40?\`\${t.slice(0,40)}...\`:t}'\`;if(typeof t=="symbol")return"a symbol";if(typeof t=="function")return\`the function \${t.name||"() => ..\\
."}\`;if(Array.isArray(t))return\`an array of \${t.length}\`;if(ArrayBuffer.isView(t))return\`\${Wt(t)} of \${t.length??t.byteLength}\`;let e=Object.getPrototypeOf(t);if(e!==
Object.prototype&&e!==null)return Wt(t);let r=Object.keys(t);return\`an object { \${r.slice(0,6).join(", ")}\${r.length>6?", ...":""} }\`}function Wt(t){let e=t.constructor?.
name||"object without a class";return\`\${/^[AEIOU]/i.test(e)?"an":"a"} \${e}\`}var Qt=2**30;function R(t,e,r,n){if(!Number.isInteger(r)||r<n){let o=typeof r=="number"?r:Zt(r);throw new g(\`\${t}: \${e} is \${o}, but must be a whole number >= \${n}\\
.\`)}if(r>Qt)throw new g(\`\${t}: \${e} is \${r}, but must be at most \${Qt}.\`);return r}function Ht(t,e={}){S("cutout",e,["count","value"]);let{count:r=1,value:n=0}=e;R("cutout","size",t,1),R("cutout","count",r,1),re("cutout",n);let o=Math.floor(t/
2);return y("cutout",[t,e],(i,s)=>{for(let m=0;m<r;m++){let a=s.integer(i.height)-o,u=s.integer(i.width)-o;ee("cutout",i,{top:a,left:u,height:t,width:t},n,s)}return i})}
function te(t={}){S("randomErasing",t,["p","scale","ratio","value"]);let{p:e=.5,scale:r=[.02,.33],ratio:n=[.3,3.3],value:o=0}=t;v("randomErasing",e);let i=$("ra\\
ndomErasing","scale",r,[0,1]),[s,m]=$("randomErasing","ratio",n,[.001,1e3]),a=[Math.log(s),Math.log(m)];return re("randomErasing",o),y("randomErasing",[t],(u,c)=>{
if(c.uniform()>=e)return u;for(let f=0;f<10;f++){let l=u.height*u.width*M(c,i),p=Math.exp(M(c,a)),d=Math.round(Math.sqrt(l*p)),h=Math.round(Math.sqrt(l/p));if(d>=
u.height||h>=u.width)continue;let b=c.integer(u.height-d+1),w=c.integer(u.width-h+1);return ee("randomErasing",u,{top:b,left:w,height:d,width:h},o,c)}return u})}
function ee(t,e,r,n,o){let{data:i,channels:s,height:m,width:a}=e;if(typeof n=="object"&&n.length!==s)throw new I(\`\${t}: value has \${n.length} numbers, but the i\\
mage has \${s} channels.\`);let u=Math.max(0,r.top),c=Math.max(0,r.left),f=Math.min(m,r.top+r.height),l=Math.min(a,r.left+r.width);for(let p=0;p<s;p++){let d=typeof n==
"object"?n[p]:n;for(let h=u;h<f;h++){let b=(p*m+h)*a;for(let w=b+c;w<b+l;w++)i[w]=d==="random"?o.uniform():d}}return e}function re(t,e){if(!(e==="random"||typeof e!=
"string"&&[e].flat().every(Number.isFinite)))throw new g(\`\${t}: value is \${JSON.stringify(e)}, but must be a number, one for each channel, or 'random'.\`)}function oe(t=.5){return v("randomHorizontalFlip",t),y("randomHorizontalFlip",[t],(e,r)=>r.uniform()<t?ie(e):e)}function ae(t=.5){return v("randomVerticalFlip",
t),y("randomVerticalFlip",[t],(e,r)=>r.uniform()<t?Ue(e):e)}function se(){return y("alternatingFlip",[],(t,e,r)=>{if(r===void 0)throw new g("alternatingFlip: no\\
 epoch and index were passed to it. Call it as transform(image, random, place), as the DataLoader does.");return((ne(ne(r.index)^r.seed)&1)+r.epoch&1)===1?ie(t):
t})}function ie(t){let{data:e,width:r}=t,n=e.length;for(let o=0;o<n;o+=r)for(let i=o,s=o+r-1;i<s;i++,s--){let m=e[i];e[i]=e[s],e[s]=m}return t}function Ue(t){let{
data:e,channels:r,height:n,width:o}=t;for(let i=0;i<r;i++)for(let s=i*n,m=s+n-1;s<m;s++,m--)for(let a=s*o,u=m*o,c=a+o;a<c;a++,u++){let f=e[a];e[a]=e[u],e[u]=f}return t}
function ne(t){let e=t;return e=Math.imul(e^e>>>16,2246822507),e=Math.imul(e^e>>>13,3266489909),e^e>>>16}function me(t,e){if(t.length!==e.length||e.some(n=>!(n>0))||t.some(n=>!Number.isFinite(n)))throw new g(\`normalize: mean [\${t.join(", ")}] and std [\${e.join(", ")}\\
] must be finite numbers, one a channel, with each std above 0.\`);let r=e.map(n=>1/n);return y("normalize",[[...t],[...e]],n=>{let{data:o,channels:i,height:s,width:m}=n;
if(i!==t.length)throw new I(\`normalize: the image has \${i} channels, but mean and std have \${t.length}.\`);let a=s*m;for(let u=0;u<i;u++){let c=t[u],f=r[u],l=(u+
1)*a;for(let p=u*a;p<l;p++)o[p]=(o[p]-c)*f}return n})}function ue({height:t,width:e},r,n,o){let i=[Math.log(n[0]),Math.log(n[1])];for(let u=0;u<10;u++){let c=t*e*M(o,r),f=Math.exp(M(o,i)),[l,p]=[Math.round(Math.sqrt(
c/f)),Math.round(Math.sqrt(c*f))];if(!(l<1||p<1||l>t||p>e))return{top:o.integer(t-l+1),left:o.integer(e-p+1),height:l,width:p}}let s=Math.min(n[1],Math.max(n[0],
e/t)),m=Math.max(1,Math.min(t,Math.round(e/s))),a=Math.max(1,Math.min(e,Math.round(t*s)));return{top:Math.floor((t-m)/2),left:Math.floor((e-a)/2),height:m,width:a}}var J=class{#t=new A;#e=new A;scale(e,r,n,o,i){let{data:s,channels:m}=e,a=fe(r.height,n,i),u=fe(r.width,o,i),c=this.#t.beside(s,m*r.height*o);for(let p=0,d=0;p<
m*r.height;p++){let h=Math.floor(p/r.height),b=(h*e.height+r.top+p-h*r.height)*e.width+r.left;for(let w=0;w<o;w++)c[d++]=ce(s,b+u.first[w],1,u.weights[w])}let f=this.#e.
beside(s,m*n*o),l=0;for(let p=0;p<m;p++)for(let d=0;d<n;d++){let h=(p*r.height+a.first[d])*o;for(let b=0;b<o;b++)f[l++]=ce(c,h+b,o,a.weights[d])}return{data:f,channels:m,
height:n,width:o}}};function ce(t,e,r,n){let o=0;for(let i=0,s=e;i<n.length;i++,s+=r)o+=n[i]*t[s];return o}function fe(t,e,r){let n=t/e,o=r?Math.max(1,n):1,i=new Int32Array(
e),s=Array.from({length:e},(m,a)=>{let u=(a+.5)*n,c=Math.max(0,Math.floor(u-o+.5)),f=Math.min(t,Math.max(c+1,Math.floor(u+o+.5)));i[a]=c;let l=Float64Array.from(
{length:f-c},(d,h)=>Math.max(0,1-Math.abs(c+h+.5-u)/o)),p=l.reduce((d,h)=>d+h,0);return Float32Array.from(l,d=>d/p)});return{first:i,weights:s}}function nt(t,e={}){S("resize",e,["antialias"]),yt("resize",t);let{antialias:r=!0}=e,n=new J;return y("resize",[t,e],o=>{let[i,s]=typeof t=="number"?We(o,t):t;return i===
o.height&&s===o.width?o:n.scale(o,Ze(o),i,s,r)})}function pe(t){yt("centerCrop",t);let[e,r]=typeof t=="number"?[t,t]:t,n=new A;return y("centerCrop",[t],o=>{let[
i,s]=[le(o.height,e),le(o.width,r)];return Ke(o,{top:i,left:s,height:e,width:r},n)})}function de(t,e={}){S("randomResizedCrop",e,["scale","ratio","antialias"]),
yt("randomResizedCrop",t);let{antialias:r=!0}=e,n=$("randomResizedCrop","scale",e.scale??[.08,1],[0,1]),o=$("randomResizedCrop","ratio",e.ratio??[3/4,4/3],[.001,
1e3]),[i,s]=typeof t=="number"?[t,t]:t,m=new J;return y("randomResizedCrop",[t,e],(a,u)=>m.scale(a,ue(a,n,o,u),i,s,r))}function Ke({data:t,channels:e,height:r,width:n},o,i){
let{top:s,left:m,height:a,width:u}=o,c=i.beside(t,e*a*u).fill(0),[f,l]=[Math.max(0,m),Math.min(n,m+u)];for(let p=0;p<e;p++)for(let d=Math.max(0,-s);d<a&&s+d<r;d++){
let h=(p*r+s+d)*n;c.set(t.subarray(h+f,h+l),(p*a+d)*u+f-m)}return{data:c,channels:e,height:a,width:u}}function We({height:t,width:e},r){return t<=e?[r,Math.max(
1,Math.floor(r*e/t))]:[Math.max(1,Math.floor(r*t/e)),r]}function Ze({height:t,width:e}){return{top:0,left:0,height:t,width:e}}function le(t,e){let r=(t-e)/2;return Number.
isInteger(r)?r:r<0?Math.ceil(r):2*Math.round(r/2)}function yt(t,e){let r=typeof e=="number"?[e]:e;if(typeof e!="number"&&r.length!==2)throw new g(\`\${t}: size is\\
 \${JSON.stringify(e)}, but must be a number or [height, width].\`);for(let n of r)R(t,"size",n,1)}function he(t,e={}){if(S("progressiveResize",e,["antialias"]),t.length===0)throw new g("progressiveResize: sizes is empty; give the size of each epoch.");let r=t.
map(n=>nt(n,e));return y("progressiveResize",[t,e],(n,o,i)=>{if(i===void 0)throw new g("progressiveResize: no epoch was passed to it. Call it as transform(image\\
, random, place), as the DataLoader does.");return r[Math.min(i.epoch,r.length-1)](n,o,i)})}function ge(t,e){let{data:r}=t,n=-(2**(8-e));for(let o=0;o<r.length;o++)r[o]=(wt(r[o])&n)/255;return t}function be(t,e){let{data:r}=t;for(let n=0;n<r.length;n++)
r[n]>=e&&(r[n]=1-r[n]);return t}function ye(t){let{data:e,channels:r}=t,n=e.length/r;for(let o=0;o<e.length;o+=n){let i=Number.POSITIVE_INFINITY,s=Number.NEGATIVE_INFINITY;
for(let a=o;a<o+n;a++)e[a]<i&&(i=e[a]),e[a]>s&&(s=e[a]);if(i===s)continue;let m=1/(s-i);for(let a=o;a<o+n;a++)e[a]=(e[a]-i)*m}return t}function we(t){let{data:e,
channels:r}=t,n=e.length/r,o=new Int32Array(256),i=new Float32Array(256);for(let s=0;s<e.length;s+=n){o.fill(0);for(let c=s;c<s+n;c++)o[wt(e[c])]++;let m=255;for(;o[m]===
0;)m--;let a=Math.floor((n-o[m])/255);if(a===0)continue;let u=Math.floor(a/2);for(let c=0;c<256;c++)i[c]=Math.min(255,Math.floor(u/a))/255,u+=o[c];for(let c=s;c<
s+n;c++)e[c]=i[wt(e[c])]}return t}function xe(t,e){let{data:r,channels:n,height:o,width:i}=t,s=new Float32Array(i),m=new Float32Array(i);for(let a=0;a<n;a++){let u=a*
o*i;s.set(r.subarray(u,u+i));for(let c=1;c<o-1;c++){let f=u+c*i;m.set(r.subarray(f,f+i));for(let l=1;l<i-1;l++){let p=f+i+l,h=(s[l-1]+s[l]+s[l+1]+m[l-1]+m[l+1]+
r[p-1]+r[p]+r[p+1]+5*m[l])/13;r[f+l]=Math.min(1,Math.max(0,e*m[l]+(1-e)*h))}s.set(m)}}return t}function wt(t){return Math.min(255,Math.max(0,Math.round(255*t)))}var L=t=>(e,{level:r,sign:n,sampling:o,spare:i})=>tt(e,t(n*r,e),o,i),Se=t=>Math.atan(t)*180/Math.PI,Ie=(t,e)=>Math.trunc(t*150*e/331),Qe={Identity:t=>t,ShearX:L(
t=>({shear:[Se(.3*t),0],about:"corner"})),ShearY:L(t=>({shear:[0,Se(.3*t)],about:"corner"})),TranslateX:L((t,{width:e})=>({translate:[Ie(t,e),0]})),TranslateY:L(
(t,{height:e})=>({translate:[0,Ie(t,e)]})),Rotate:L(t=>({angle:-30*t})),Brightness:(t,{level:e,sign:r})=>et(t,1+.9*r*e),Color:(t,{level:e,sign:r})=>_(t,1+.9*r*e),
Contrast:(t,{level:e,sign:r})=>rt(t,1+.9*r*e),Sharpness:(t,{level:e,sign:r})=>xe(t,1+.9*r*e),Posterize:(t,{level:e})=>ge(t,8-Math.round(4*e)),Solarize:(t,{level:e})=>be(
t,1-e),AutoContrast:t=>ye(t),Equalize:t=>we(t)},Me=Object.values(Qe);function Ae(t={}){S("randAugment",t,["numOps","magnitude","numMagnitudeBins",...P]);let{numOps:e=2,
magnitude:r=9,numMagnitudeBins:n=31}=t;if(R("randAugment","numOps",e,1),R("randAugment","numMagnitudeBins",n,2),!(r>=0&&r<=n-1))throw new g(\`randAugment: magnit\\
ude is \${r}, but must lie between 0 and \${n-1}, one less than numMagnitudeBins.\`);H("randAugment",t);let o=r/(n-1),i=Array.from({length:e},()=>new A);return y("\\
randAugment",[t],(s,m)=>{let a=s;for(let u of i){let c=Me[m.integer(Me.length)],f=m.uniform()<.5?1:-1;a=c(a,{level:o,sign:f,sampling:t,spare:u})}return a})}function Te(t,e="zero"){return ke("randomCrop","padding",t,e)}function Oe(t,e="reflect"){return ke("translate","pixels",t,e)}function ke(t,e,r,n){if(!Number.isInteger(
r)||r<0)throw new g(\`\${t}: \${e} is \${r}, but must be a whole number >= 0.\`);Q(t,"mode",n);let o=new A;return y(t,[r,n],(i,s)=>{let m=s.integer(2*r+1)-r,a=s.integer(
2*r+1)-r;return He(i,m,a,n,o)})}function He(t,e,r,n,o){let{data:i,channels:s,height:m,width:a}=t,u=$e(m,e,n),c=$e(a,r,n),f=o.beside(i),l=0;for(let p=0;p<s;p++)for(let d=0;d<
m;d++){let h=u[d]<0?-1:(p*m+u[d])*a;for(let b=0;b<a;b++)f[l++]=h<0||c[b]<0?0:i[h+c[b]]}return{data:f,channels:s,height:m,width:a}}function $e(t,e,r){let n=new Int32Array(
t);for(let o=0;o<t;o++)n[o]=E(o+e,t,r);return n}var Re={alternatingFlip:se,centerCrop:pe,colorJitter:Xt,compose:Kt,cutout:Ht,normalize:me,progressiveResize:he,randAugment:Ae,randomAffine:Jt,randomCrop:Te,randomErasing:te,
randomGrayscale:Ut,randomHorizontalFlip:oe,randomResizedCrop:de,randomRotation:Lt,randomScale:Gt,randomVerticalFlip:ae,resize:nt,translate:Oe};function ot(t){if(!Object.
hasOwn(Re,t.name))throw new g(\`transformFrom: there is no transform '\${t.name}'.\`);let e=Re[t.name];return e(...t.parts.map(ot),...t.options)}function je({port:t,signal:e}){let r=new Map;t.onmessage=({data:n})=>{let o=tr(r,n);t.postMessage(o,"stack"in o?[o.stack.pixels.buffer]:[]),e!==void 0&&(Atomics.
add(e,0,1),Atomics.notify(e,0))}}function tr(t,{id:e,making:r,plan:n,images:o,spare:i}){try{let s=t.get(r);if(s===void 0){let{shape:a,transform:u,last:c}=JSON.parse(
r);s=new Z(a,u&&ot(u),c&&ot(c)),t.set(r,s)}i!==void 0&&s.reuse(i);let m=o.length/n.indices.length;return{id:e,stack:s.stack(a=>o.subarray(a*m,(a+1)*m),n)}}catch(s){
let{name:m,message:a}=s instanceof Error?s:{name:"Error",message:String(s)};return{id:e,error:{name:m,message:a}}}}var ve=Rt("node:worker_threads");ve!==void 0?
je(ve.workerData):self.onmessage=({data:t})=>je(t);})();`;
