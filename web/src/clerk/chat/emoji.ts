/** What shop people use most. Drawn by the phone. */
export const emoji = Array.from(
  '😊😄😁😂🤣🥰😍😘😉🤗🙂🤔😅😢😭😮😴😷🤒👶🍼🧸👧👦👩🤱👍👌👏🙏💪🤝👋✌️❤️💕💐🌹🌸🎉🎁🎂🎈✨⭐🔥☀️🌙🌈🍀🍎🍓🥛🍚☕🛍️🛒💰🧧📦🚚🏠📍📞⏰📅✅❌❗❓',
).filter((c) => c !== '\uFE0F')
