import { mount } from 'svelte';
import App from './app/App.svelte';
import './shared/base.css';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no element "app".');
mount(App, { target });
