// The words of the lesson and of the views beside it.

export const LESSON_EN = {};
