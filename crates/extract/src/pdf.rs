//! PDF (ISO 32000): the words that its pages show, in the order in which they are drawn.

use crate::Reason;
use crate::work::Work;
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pages that are looked at.
const MAX_PAGES: usize = 20_000;
/// Units of glyph space for one em (ISO 32000-1, 9.2.4).
const EM: f64 = 1000.0;
/// A gap of so many ems parts two words …
const WORD_GAP: f64 = 0.16;
/// … and a step of so many ems off the line begins another.
const LINE_STEP: f64 = 0.4;

/// Adds the text of a PDF.
pub fn read(work: &mut Work<'_>, bytes: &[u8]) -> Result<(), Reason> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Reason::Protected,
        LoadPdfError::Decryption(error) => Reason::Damaged(format!("its encryption: {error:?}")),
        LoadPdfError::Invalid => Reason::Damaged("no page can be found in the PDF".into()),
    })?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(Reason::Damaged("no page can be found in the PDF".into()));
    }
    let cache = InterpreterCache::new();
    let (mut unreadable, mut unknown) = (0_u32, 0_u64);
    for page in pages.iter().take(MAX_PAGES) {
        if work.is_full() {
            return Ok(());
        }
        let settings = InterpreterSettings::default();
        let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
        let mut words = Words { work, end: None, unknown: 0 };
        // A fault on one page costs that page.
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
            interpret_page(page, &mut context, &mut words);
        }));
        unknown += words.unknown;
        unreadable += u32::from(drawn.is_err());
        work.line();
    }
    if unreadable > 0 {
        work.note("", format!("{unreadable} pages of it could not be read"));
    }
    if unknown > 0 {
        work.note("", format!("{unknown} characters of it are drawn without saying which they are"));
    }
    Ok(())
}

/// Takes the glyphs of a page as words.
struct Words<'w, 'l> {
    work: &'w mut Work<'l>,
    /// Where the last glyph ended.
    end: Option<Point>,
    /// Glyphs of which nobody knows what they mean.
    unknown: u64,
}

impl Words<'_, '_> {
    /// Parts the glyph at `place` (from glyph space to the page) from the last one, if it stands apart.
    fn part(&mut self, place: Affine, vertical: bool) {
        let Some(end) = self.end else { return };
        let (start, along, up) =
            (place * Point::ZERO, place * Point::new(EM, 0.0), place * Point::new(0.0, EM));
        let (along, up) = if vertical { (up, along) } else { (along, up) };
        let (along, up) = (along - start, up - start);
        let (length, height) = (along.hypot().max(1e-9), up.hypot().max(1e-9));
        let step = start - end;
        // Ems along the line and off it.
        let forward = step.dot(along) / (length * length);
        let off = (step.dot(up) / (height * height)).abs();
        if off > LINE_STEP || forward < -2.0 {
            self.work.line();
        } else if vertical || !(-0.5..=WORD_GAP).contains(&forward) {
            self.work.space();
        }
    }
}

impl Device<'_> for Words<'_, '_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let vertical = run.writing_mode() == hayro_interpret::hayro_cmap::WritingMode::Vertical;
        for glyph in run.glyphs() {
            if self.work.is_full() {
                return;
            }
            let place = props.transform * glyph.transform();
            let width = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width(),
                Glyph::Type3(drawn) => drawn.advance_width(),
            };
            if !vertical {
                self.part(place, false);
            }
            match glyph.as_unicode() {
                Some(BfString::Char(c)) if !c.is_control() => self.work.push(c.encode_utf8(&mut [0; 4])),
                Some(BfString::String(text)) => self.work.push(&text),
                Some(BfString::Char(_)) => self.work.space(),
                None => self.unknown += 1,
            }
            self.end = Some(place * Point::new(f64::from(width.unwrap_or(500.0)), 0.0));
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
