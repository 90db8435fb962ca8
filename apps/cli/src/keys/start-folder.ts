/** The folder in which the program was started: `resume` goes to the one where its run was begun. */
export const START_FOLDER = process.cwd();
