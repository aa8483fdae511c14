import { readChatValue } from '../lib/src/model/chat-answer.js';
import { failureFrom } from '../lib/src/model/server-error.js';
import { ServerHabits } from '../lib/src/model/server-habits.js';
import { readLengthRefusal, readCompletionCap } from '../lib/src/model/context-window.js';
import { ServerLosses } from '../lib/src/experiment/run/server-losses.js';
import { Secrets } from '../lib/src/core/secrets.js';
import { AttemptFailure } from '../lib/src/model/attempt-failure.js';
const req = (o:any={}) => ({ model:'m', messages:[{role:'user' as const, content: o.c ?? 'hello there world'}], sampling:{temperature:0.7, topP:0.9, maxTokens: o.max ?? 2048, ...o.s}, nSamples:o.n??1, seed:1, promptVersion:'v'});
const t=(n:string,f:()=>any)=>{try{console.log(n,JSON.stringify(f()))}catch(e:any){console.log(n,'THROWN',e.code,e.failureClass,e.message)}};
const ch=(m:any,fr:any,u:any={prompt_tokens:5,completion_tokens:20})=>({choices:[{index:0,message:m,finish_reason:fr}],usage:u});
t('ws+reasoning',()=>readChatValue(ch({content:'\n\n',reasoning_content:'hmm'},'stop'),req()));
t('ws no reasoning',()=>readChatValue(ch({content:'\n\n'},'stop'),req()));
t('ws null finish',()=>readChatValue(ch({content:' '},null),req()));
t('tool_calls stop',()=>readChatValue(ch({content:null,tool_calls:[{id:'x',function:{name:'f',arguments:'{}'}}]},'stop'),req()));
t('tool_calls',()=>readChatValue(ch({content:null,tool_calls:[{}]},'tool_calls'),req()));
t('content null',()=>readChatValue(ch({content:null},'stop'),req()));
t('think only',()=>readChatValue(ch({content:'<think>abc</think>\n\n'},'stop'),req()));
t('length empty',()=>readChatValue(ch({content:null,reasoning_content:'x'},'length'),req()));
t('error {}',()=>readChatValue({...ch({content:'ok'},'stop'),error:{}},req()));
t('error false',()=>readChatValue({...ch({content:'ok'},'stop'),error:false},req()));
t('error code0',()=>readChatValue({...ch({content:'ok'},'stop'),error:{code:0,message:''}},req()));
t('choice error null',()=>readChatValue({choices:[{message:{content:'ok'},finish_reason:'stop',error:null}]},req()));
t('dup index',()=>readChatValue({choices:[{index:0,message:{content:'a'},finish_reason:'stop'},{index:0,message:{content:'b'},finish_reason:'stop'}]},req({n:2})));
t('message detail in good',()=>readChatValue({detail:'x'},req()));
t('choice role user?',()=>readChatValue(ch({role:'assistant',content:[{type:'text',text:'a'},{type:'image_url'}]},'stop'),req()));
for (const [n,s,v] of [
 ['seed+prompt repeats ctx',400,{error:{message:"[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted', 'input': 'Explain the maximum context length of Llama'}]",type:'BadRequestError',code:400}}],
 ['500 w prompt funds',500,{error:{message:"Traceback ... prompt='My bank said insufficient funds, why?'"}}],
 ['500 template',500,{detail:'error rendering: customer: credit balance is too low'}],
 ['400 flagged',400,{error:{message:'Template error for: "my input was flagged by spam filter"'}}],
 ['429 quota openai',429,{error:{message:'You exceeded your current quota, please check your plan',code:'insufficient_quota'}}],
 ['429 gemini',429,[{error:{code:429,message:'You exceeded your current quota, please check your plan and billing details. Please retry in 33.1s.',status:'RESOURCE_EXHAUSTED'}}]],
 ['429 gemini2',429,[{error:{code:429,message:'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.',status:'RESOURCE_EXHAUSTED'}}]],
 ['401',401,{error:{message:'Invalid api key'}}],
 ['400 tpm',400,{error:{message:'Request too large for model with 1 tokens per minute'}}],
 ['429 too large tpm',429,{error:{message:'Request too large for gpt-4 in organization on tokens per min (TPM): Limit 10000, Requested 12000. The input or output tokens must be reduced in order to run successfully.', type:'tokens', code:'rate_limit_exceeded'}}],
 ['413 groq',413,{error:{message:'Request too large for model `llama` in organization on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.', type:'tokens', code:'rate_limit_exceeded'}}],
] as any) { const f=failureFrom({status:s,value:v}); console.log(n,'=>',f.failureClass,f.code,f.message.slice(0,80)); }
t('losses',()=>{const bad=[];for(let N=1;N<=500;N++)for(let n=1;n<=N;n++){const enough=Math.ceil((n/N)*100)/100; if(!(n<=enough*N)) bad.push([n,N])} return [bad.length,bad.slice(0,5)]});
t('losses2',()=>{const bad=[];for(let N=1;N<=500;N++)for(let n=1;n<=N;n++){const enough=Math.ceil((n/N)*100)/100; if(!(n/N<=enough)) bad.push([n,N])} return [bad.length,bad.slice(0,5)]});
const s=new Secrets(['Bearer sk-abcdef1234567890']); console.log(s.redact('bad key sk-abcdef1234567890 given'));
for (const m of ["max_tokens must be less than or equal to 1","Requests with max_tokens > 4096 must have stream=true","max_tokens is too large: 5000. This model supports at most 4096 completion tokens","This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens (35000 of text input, 5000 in the output). ","[{'type': 'less_than_equal', 'loc': ('body', 'max_tokens'), 'msg': 'Input should be less than or equal to 4096'}]","Input should be less than or equal to 4096: body.max_tokens","Invalid value for max_tokens: 8192. valid range of max_tokens is [1, 4096]","max_tokens exceeds model limit of 4096"])
 console.log(m,'|cap',readCompletionCap(m),'|len',JSON.stringify(readLengthRefusal(m,5000)));
// learned refusals
const h=new ServerHabits(); const sent:any[]=[];
const fail=(m:string)=>new AttemptFailure({failureClass:'refused',code:'http-400',message:'400 '+m});
const r=await h.ask(req({max:2048}),(form)=>{sent.push(form); if(sent.length===1) throw fail("max_tokens must be less than or equal to 1"); return Promise.resolve({completions:[1]})});
console.log(sent, h.formFor(req()));
