/** How close together the rows of the list stand. */
export type Density = 'comfortable' | 'compact';

const KEY = 'mailscope.density';

/** The density that the person chose; kept. */
class DensityChoice {
  choice = $state<Density>(localStorage.getItem(KEY) === 'compact' ? 'compact' : 'comfortable');

  choose(density: Density): void {
    this.choice = density;
    if (density === 'comfortable') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, density);
  }
}

export const density = new DensityChoice();
