// Las palabras del cambio que mueve la respuesta y del final de la lección.

export const ENDING_ES = {
  "unmoved.find": "Buscar el cambio que sí la mueve",
  "unmoved.loading": "Probando cada cabeza y cada palabra …",
  "unmoved.error": "El programa no ha podido probar los demás cambios.",
  "unmoved.none": "Ninguna cabeza ni palabra la decide por sí sola.",
  "unmoved.unrecorded": "Para probar los demás cambios hace falta el modelo en vivo (el programa explore).",
  "unmoved.try_head_turns": "Prueba a apagar la {name}: la respuesta pasa a «{now}»",
  "unmoved.try_head_moves": "Prueba a apagar la {name}: «{answer}» pasa a {p}",
  "unmoved.try_word_turns": "Prueba a tapar «{name}»: la respuesta pasa a «{now}»",
  "unmoved.try_word_moves": "Prueba a tapar «{name}»: «{answer}» pasa a {p}",
  "text.movable": "Un cambio mueve su respuesta",

  "lesson.cause.other_sentence": "En la frase del robot, apagar una sola cabeza, la que sea, deja la respuesta como estaba. Por eso esta parada usa otra frase del mismo modelo.",

  "lesson.end.title": "Fin de la lección",
  "lesson.end.score": "Has acertado {right} de {bets} apuestas.",
  "lesson.end.no_bets": "Has mirado sin apostar: vuelve a empezar cuando quieras y apuesta.",
  "lesson.end.learned": "Tres frases para llevarse",
  "lesson.end.first": "Un pronombre pregunta, las demás palabras ofrecen, y la atención reparte entre ellas lo que se lee.",
  "lesson.end.second": "Las cabezas no vienen hechas: nacen durante el entrenamiento, de los ejemplos.",
  "lesson.end.third": "Mirar no es decidir: para saber por qué responde algo el modelo hay que cambiarlo y volver a preguntar.",
  "lesson.end.next": "Qué probar ahora",
  "lesson.end.own": "Tu propia frase",
  "lesson.end.share": "Para el profesor: enlace a la lección sin empezar, en modo de clase",
};
