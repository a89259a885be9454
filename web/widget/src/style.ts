// The look, in the shadow of the widget: a host sets the variables on the element cc-chat, and nothing leaks out.

export const style = `
:host{--c:var(--cc-chat-color,#1c5f8a);--on:var(--cc-chat-on-color,#fff);--bg:var(--cc-chat-background,#fff);
--fg:var(--cc-chat-text,#1b1f23);--mute:var(--cc-chat-muted,#57606a);--soft:var(--cc-chat-soft,#eef1f4);
--bad:#b3261e;--r:var(--cc-chat-radius,14px);font:var(--cc-chat-font,15px/1.45 system-ui,"PingFang SC","Microsoft YaHei",sans-serif);
position:fixed;z-index:var(--cc-chat-layer,2147483000);inset:auto 20px 20px auto;color:var(--fg)}
:host([data-side=left]){inset:auto auto 20px 20px}
*{box-sizing:border-box;font:inherit}
[hidden]{display:none!important}
button{cursor:pointer;border:0;background:none;color:inherit;padding:0}
svg{width:22px;height:22px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;display:block}
:focus-visible{outline:3px solid var(--c);outline-offset:2px}
.launch{width:60px;height:60px;border-radius:50%;background:var(--c);color:var(--on);display:grid;place-items:center;
box-shadow:0 4px 16px #0004;position:relative;margin-left:auto}
:host([data-side=left]) .launch{margin-left:0}
.launch svg{width:28px;height:28px}
.badge{position:absolute;top:-2px;right:-2px;min-width:22px;height:22px;border-radius:11px;background:var(--bad);color:#fff;
font-size:13px;line-height:22px;padding:0 6px}
.panel{width:380px;height:min(620px,calc(100vh - 40px));height:min(620px,calc(100dvh - 40px));background:var(--bg);border-radius:var(--r);box-shadow:0 8px 40px #0005;
display:flex;flex-direction:column;overflow:hidden}
.head{background:var(--c);color:var(--on);padding:12px 8px 12px 16px;display:flex;align-items:center;gap:4px}
.head div{flex:1;min-width:0}
h2{font-size:17px;font-weight:600;margin:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.head p{margin:0;font-size:13px}
.head p:empty{display:none}
.f svg{width:18px;height:18px;flex:none}
.head button{width:44px;height:44px;border-radius:8px;display:grid;place-items:center}
.head :focus-visible{outline-color:var(--on);outline-offset:-3px}
.bar{padding:8px 16px;font-size:14px;background:#fff4ce;color:#4a3a00}
.log{flex:1;overflow-y:auto;padding:16px;display:flex;flex-direction:column;gap:4px;overscroll-behavior:contain}
.log:focus-visible{outline-offset:-3px}
.m{max-width:82%;align-self:flex-start;display:flex;flex-direction:column}
.m.mine{align-self:flex-end;align-items:flex-end}
.who{font-size:12px;color:var(--mute);margin:8px 4px 2px}
.b{padding:9px 13px;border-radius:var(--r);background:var(--soft);white-space:pre-wrap;overflow-wrap:anywhere}
.mine .b{background:var(--c);color:var(--on)}
.b a{color:inherit}
.t{font-size:12px;color:var(--mute);margin:1px 4px 4px}
.t.bad{color:var(--bad)}
.t button,.link{text-decoration:underline;color:var(--c);padding:4px}
.f{display:flex;gap:8px;align-items:center;text-align:left;margin-top:4px;padding:9px 13px;border-radius:var(--r);border:1px solid var(--mute);overflow-wrap:anywhere}
.note{align-self:center;font-size:13px;color:var(--mute);text-align:center;padding:4px}
.picks{display:flex;flex-wrap:wrap;gap:8px;padding:0 16px 12px}
.picks button,.main{border:1.5px solid var(--c);color:var(--c);border-radius:20px;padding:8px 16px;min-height:40px;overflow-wrap:anywhere;text-align:left}
.picks button:hover{background:var(--soft)}
.main,.main:hover{background:var(--c);color:var(--on);text-align:center}
.foot{padding:12px 16px;border-top:1px solid var(--soft);display:flex;gap:12px;align-items:center;justify-content:center;flex-wrap:wrap}
.write{display:flex;gap:4px;align-items:flex-end;padding:8px;border-top:1px solid var(--soft)}
.write textarea{flex:1;min-width:0;resize:none;border:1px solid var(--mute);border-radius:var(--r);padding:9px 12px;max-height:120px;min-height:42px;background:var(--bg);color:var(--fg);font-size:16px}
.write textarea.secret{-webkit-text-security:disc}
.write button{width:44px;height:44px;border-radius:50%;display:grid;place-items:center;color:var(--c);flex:none}
.write button:disabled{color:var(--mute);cursor:default}
.chips{display:flex;flex-wrap:wrap;gap:6px;padding:8px 12px 0}
.chip{background:var(--soft);border-radius:8px;padding:2px 2px 2px 10px;font-size:13px;display:flex;align-items:center;max-width:100%;overflow-wrap:anywhere}
.chip.bad{color:var(--bad)}
.chip button{width:32px;height:32px;display:grid;place-items:center;flex:none}
.chip svg{width:14px;height:14px}
form.before{flex:1;overflow-y:auto;padding:20px 16px;display:flex;flex-direction:column;gap:14px}
form.before h3{margin:0;font-size:17px;font-weight:600}
label{display:flex;flex-direction:column;gap:4px;font-size:14px}
input.i{border:1px solid var(--mute);border-radius:8px;padding:10px 12px;font-size:16px;background:var(--bg);color:var(--fg)}
input[aria-invalid=true]{border-color:var(--bad)}
.err{color:var(--bad);font-size:13px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media(max-width:480px){:host([data-open]){inset:0!important}
.panel{width:100%;height:100vh;height:100dvh;border-radius:0}}
@media(prefers-reduced-motion:no-preference){.panel{animation:up .16s ease-out}@keyframes up{from{opacity:0;transform:translateY(12px)}}}
@media(prefers-color-scheme:dark){:host([data-dark]){--bg:var(--cc-chat-background,#16191d);--fg:var(--cc-chat-text,#e8eaed);--mute:var(--cc-chat-muted,#a0a8b0);--soft:var(--cc-chat-soft,#262b31)}}
@media(forced-colors:active){.b,.launch,.head{border:1px solid}}
`
