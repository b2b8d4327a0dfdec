_`S÷ …9ñ3’ßÈûTu9â}ç»ov´zaû½ÈÃtöÏGP¸ÉI©6„ã2¾lŽoñ)¹rv
~BYjÃA