import { mount } from 'svelte';
import Window from './app/Window.svelte';
import './shared/base.css';

// Of the benches: when the script began to run.
performance.mark('mailscope-script');
const target = document.getElementById('app');
if (target === null) throw new Error('The page has no element "app".');
mount(Window, { target });
performance.mark('mailscope-mounted');
