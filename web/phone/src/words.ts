// Everything the page says, in each language.
import type { MicrophoneProblem } from '../../shared/phone/audio'
import type { Note } from './transcript'

const en = {
  title: 'Telephone', language: 'Language', aloud: 'Read aloud',
  aloudHelp: 'What the other end says is spoken by your browser. Without it you have time to read.',
  number: 'Number to call', numbers: 'Our numbers', own: 'Your number', ownHelp: 'Optional, with country code, as in +12025550123. We know you by it, and can call you back while this page is open.',
  samples: 'Customers of the demo', anonymous: 'withheld', call: 'Call', again: 'Call again', other: 'Another number',
  notNumber: 'Digits, * and #, perhaps with a + before them.', notOwn: 'With + and country code, as in +12025550123.',
  keypad: 'Keypad', key: (key: string) => ({ '*': 'Star', '#': 'Hash' })[key] ?? key, erase: 'Delete the last digit',
  hangUp: 'Hang up', mute: 'Mute', unmute: 'Unmute', muted: 'Muted', level: 'Microphone level',
  answer: 'Answer', decline: 'Decline', incoming: (from: string) => `Call from ${from}`, anonymousCall: 'an unknown number',
  line: { connecting: 'Connecting to the exchange…', connected: 'Ready', lost: 'Reconnecting…', refused: 'The exchange does not answer.' },
  calling: (to: string) => `Calling ${to}…`, automatic: (to: string) => `Connected with ${to}`, talking: 'You are talking with a person',
  hold: 'On hold. Please stay on the line', ended: 'The call has ended', duration: 'Duration of the call',
  conversation: 'Conversation', empty: 'What is said in a call stands here too.', them: 'Telephone', you: 'You', pressed: 'You pressed',
  field: 'Your answer', fieldHint: 'Type your answer', send: 'Send', speak: 'Answer by voice', speaking: 'Listening…',
  speakHelp: 'Your browser turns your words into text. Many browsers send the sound to their makers for that.',
  speakFailed: 'Your browser cannot understand speech here. Please type your answer.', suggestions: 'Possible answers',
  wanted: { key: 'Press a key.', keys: 'Enter digits.', finish: (key: string) => `Enter digits, then ${key}.`, words: 'Answer in words.', both: (keys: string) => `${keys} Or answer in words.` },
  recording: 'Leave your message now', finish: 'Finish the message', nothingHeard: 'No microphone: no message can be left.',
  microphone: {
    denied: 'The microphone is not allowed. Allow it in the address bar, then call again: nobody can hear you so.',
    missing: 'There is no microphone. You hear the other end, and nobody can hear you.',
    busy: 'The microphone cannot be used; perhaps another program has it. Nobody can hear you.',
    insecure: 'The microphone works only over https or on this machine. Nobody can hear you.',
  } satisfies Record<MicrophoneProblem, string>,
  askMicrophone: 'Your browser asks for the microphone. Allow it, so that you can be heard.',
  note: {
    connected: 'Connected', talking: 'A person is on the line', alone: 'The person has left', hold: 'You are on hold', resumed: 'No longer on hold',
    music: '♪ Music', sound: '♪ A recording is played', noSound: 'A recording could not be played', record: 'A message is recorded after the beep',
    recorded: 'Your message was left', nothingRecorded: 'No message was left', noWords: 'Only keys are wanted just now',
    lineLost: 'Connection lost, reconnecting…', lineBack: 'Connected again', mediaFailed: 'No sound comes through; a firewall may be in the way',
  } satisfies Record<Note, string>,
  noVoice: (language: string) => `Your browser has no voice for ${language}. Read what is said; you have time for it.`,
  reason: {
    hung_up: 'You hung up.', completed: 'The other end hung up.', conversation_over: 'The other end hung up.', declined: 'Declined.',
    busy: 'The line is busy.', no_answer: 'Nobody answered.', not_there: 'Nobody answers at this number.', rejected: 'The call was not accepted.',
    failed: 'The call failed. Please try again.', gone: 'The connection was lost.', closing: 'The telephone exchange is closing.', ended: 'The other end hung up.',
    answered_elsewhere: 'Answered in another window.', lost: 'The connection was lost, and with it the call.',
  } as Record<string, string>,
}

const zh: typeof en = {
  title: '电话', language: '语言', aloud: '朗读',
  aloudHelp: '对方的语音由浏览器朗读；关闭后会留出阅读时间。',
  number: '要拨打的号码', numbers: '我们的号码', own: '您的号码', ownHelp: '选填，需带国家代码，例如 +12025550123。我们凭此识别您，并可在本页打开时回拨。',
  samples: '演示客户', anonymous: '不显示', call: '拨打', again: '再次拨打', other: '其他号码',
  notNumber: '请输入数字、* 和 #，前面可加 +。', notOwn: '请以 + 和国家代码开头，例如 +12025550123。',
  keypad: '拨号键盘', key: (key) => ({ '*': '星号', '#': '井号' })[key] ?? key, erase: '删除最后一位',
  hangUp: '挂断', mute: '静音', unmute: '取消静音', muted: '已静音', level: '麦克风音量',
  answer: '接听', decline: '拒接', incoming: (from) => `来电：${from}`, anonymousCall: '未知号码',
  line: { connecting: '正在连接电话系统…', connected: '就绪', lost: '正在重新连接…', refused: '电话系统没有应答。' },
  calling: (to) => `正在呼叫 ${to}…`, automatic: (to) => `已接通 ${to}`, talking: '正在与人工客服通话',
  hold: '通话保持中，请勿挂断', ended: '通话已结束', duration: '通话时长',
  conversation: '通话内容', empty: '通话中说的内容也会显示在这里。', them: '电话', you: '您', pressed: '您按了',
  field: '您的回答', fieldHint: '输入您的回答', send: '发送', speak: '语音回答', speaking: '正在聆听…',
  speakHelp: '由浏览器将您的语音转为文字；许多浏览器会为此将声音发送给其厂商。',
  speakFailed: '浏览器在此无法识别语音，请输入文字。', suggestions: '可选的回答',
  wanted: { key: '请按键。', keys: '请输入数字。', finish: (key) => `请输入数字，以 ${key} 结束。`, words: '请说出您的回答。', both: (keys) => `${keys}也可以直接说出。` },
  recording: '请留言', finish: '结束留言', nothingHeard: '没有麦克风，无法留言。',
  microphone: {
    denied: '麦克风未获许可。请在地址栏中允许后重新拨打，否则对方听不到您。',
    missing: '没有麦克风。您能听到对方，但对方听不到您。',
    busy: '麦克风无法使用，可能被其他程序占用。对方听不到您。',
    insecure: '麦克风仅可在 https 或本机上使用。对方听不到您。',
  },
  askMicrophone: '浏览器正在请求使用麦克风，请允许，以便对方听到您。',
  note: {
    connected: '已接通', talking: '人工客服已接入', alone: '客服已离开', hold: '您的通话已被保持', resumed: '通话已恢复',
    music: '♪ 音乐', sound: '♪ 正在播放录音', noSound: '录音无法播放', record: '提示音后开始录制留言',
    recorded: '留言已提交', nothingRecorded: '没有录到留言', noWords: '当前只接受按键',
    lineLost: '连接中断，正在重新连接…', lineBack: '已重新连接', mediaFailed: '没有声音，可能被防火墙阻挡',
  },
  noVoice: (language) => `浏览器没有 ${language} 语音。请阅读文字，已为您留出时间。`,
  reason: {
    hung_up: '您已挂断。', completed: '对方已挂断。', conversation_over: '对方已挂断。', declined: '已拒接。',
    busy: '线路忙。', no_answer: '无人接听。', not_there: '该号码无人接听。', rejected: '通话未被接受。',
    failed: '通话失败，请重试。', gone: '连接已中断。', closing: '电话系统正在关闭。', ended: '对方已挂断。',
    answered_elsewhere: '已在另一窗口接听。', lost: '连接中断，通话已结束。',
  },
}

export type Words = typeof en
export type Language = 'en' | 'zh'

export const TAGS: Record<Language, string> = { en: 'en', zh: 'zh-CN' }
export const NAMES: Record<Language, string> = { en: 'English', zh: '中文' }

export const wordsIn = (language: Language): Words => (language === 'zh' ? zh : en)

/** The page's language for a tag such as zh-CN. */
export const languageOf = (tag: string): Language => (tag.toLowerCase().startsWith('zh') ? 'zh' : 'en')
