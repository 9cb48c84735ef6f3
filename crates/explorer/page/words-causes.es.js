// The words of what causes an answer: intervals, two heads compared, the head that decides, and what can be tried.

export const CAUSES_ES = {
  "copy.json": "Copiar como JSON",
  "copy.done": "Copiado.",
  "copy.by_hand": "El navegador no deja copiar: cópialo de aquí.",
  "causal.between": "{low} – {high}",
  "causal.intervals": "Debajo de cada número, su intervalo de Wilson al 95 %: los valores que estos ejemplos dejan abiertos. El de los puntos que se pierden sale del de los aciertos que quedan.",
  "causal.unmeasured": "no se midió",
  "causal.all_hit_hint": "acierto al sumar las miradas de todas las cabezas",
  "causal.correlated_negative": "En este modelo, mirar y contar van al revés (ρ = {rho}, {n} cabezas): las que más miran al antecedente suelen ser las que menos cuesta apagar.",
  "causal.correlated_positive": "En este modelo, mirar y contar van juntos (ρ = {rho}, {n} cabezas): las que más miran al antecedente suelen ser las que más cuesta apagar.",
  "causal.correlated_none": "En este modelo, entre mirar y contar no se mide relación (ρ = {rho}, no más de lo que da el azar entre {n} cabezas): por lo que mira una cabeza no se sabe lo que cuesta apagarla.",
  "causal.choose_two": "Para comparar dos cabezas, elige una con un clic y la otra con Mayús y clic, o púlsalas en la tabla.",
  "causal.choose_second": "Elige otra con Mayús y clic, o en la tabla.",
  "causal.compared": "Cabezas comparadas",
  "causal.hit_apart": "La {more} acierta más al mirar que la {less}: los intervalos no se tocan.",
  "causal.hit_alike": "Al mirar, los intervalos de la {more} y la {less} se tocan: puede que acierten igual.",
  "causal.zero_apart": "Apagar la {more} cuesta más que apagar la {less}: los intervalos no se tocan.",
  "causal.zero_alike": "Al apagarlas, los intervalos de la {more} y la {less} se tocan: puede que cuesten lo mismo.",
  "causal.together": "Apagadas las dos se pierden {drop} (n = {n}); la suma de apagarlas por separado es de {apart}.",
};
