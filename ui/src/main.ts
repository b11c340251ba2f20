import { mount } from 'svelte';
import Window from './app/Window.svelte';
import './shared/base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no element "app".');
mount(Window, { target });
